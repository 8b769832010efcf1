/// What a parked request waited for.
public enum ParkResult: Sendable {
    case done
    /// With bytes for the service, such as an answer made elsewhere.
    case reply(status: Int, contentType: String, body: [UInt8])
    case failed
}

/// The right to wake one parked request, from any thread, once. A ticket that outlives its request does nothing.
public struct ParkTicket: Sendable {
    let mailbox: Mailbox
    let exchange: UInt
    let generation: UInt64

    public func resume(_ result: ParkResult) {
        mailbox.post(.resume(exchange: exchange, generation: generation, result))
    }
}
