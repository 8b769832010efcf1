import Bytes

/// What the requests of a listener are for: screening sends, taking in opt-outs, playing a provider in tests. Each worker
/// has its own instance, used on its thread only. The engine calls in the order of a request's life; each call ends with
/// one of ``Exchange``'s verbs, or the request waits until a later call does.
open class Service {
    public init() {}

    /// The head is complete and valid. Choose: ``Exchange/receive(limit:)``, ``Exchange/stream(to:path:)`` or
    /// ``Exchange/answer(status:contentType:body:)``.
    open func requestHead(_ exchange: Exchange) {}

    /// The body asked for with ``Exchange/receive(limit:)`` is there, whole.
    open func requestComplete(_ exchange: Exchange) {}

    /// The body is larger than the limit given to ``Exchange/receive(limit:)``. The request is still to be answered.
    open func bodyTooLarge(_ exchange: Exchange) { exchange.answer(status: 413, contentType: "text/plain", body: []) }

    /// Work that ``Exchange/park()`` waited for is done.
    open func resumed(_ exchange: Exchange, _ result: ParkResult) {}

    /// An upstream connection is ready and the next thing to leave is this request. The last moment to say no.
    /// - Returns: `false` when the service has dealt with the exchange otherwise.
    open func willSend(_ exchange: Exchange) -> Bool { true }

    /// A number that changes whenever ``willSend(_:)`` might answer differently than before.
    open var verdictVersion: UInt64 { 0 }

    /// Whether ``willSend(_:)`` would still say yes. Asked for a request that has been given to a connection but has not left,
    /// because the provider's flow control or a full socket holds it back, when ``verdictVersion`` has changed.
    open func stillStands(_ exchange: Exchange) -> Bool { true }

    /// The provider's response head is there and about to be passed on; the service may add fields.
    open func responseHead(_ exchange: Exchange) {}

    /// The answer that ``Exchange/holdResponse()`` asked for is there, whole or as far as the limit allowed, and nothing of it has
    /// gone to the client: head and body may still be changed. Only an answer that `isWhole` is complete.
    open func responseComplete(_ exchange: Exchange, isWhole: Bool) {}

    /// Body bytes of the answer have arrived and are about to be passed on.
    open func responseData(_ exchange: Exchange) {}

    /// The engine could not get an answer from upstream, or refused the request itself.
    open func failed(_ exchange: Exchange, _ failure: ExchangeFailure) {
        exchange.answer(status: failure.status, contentType: "text/plain", body: [])
    }

    /// The exchange is over, however it ended; its buffers are about to be reused.
    open func finished(_ exchange: Exchange) {}

    /// Once per loop turn, after the events and before anything is written.
    open func turnEnded() {}

    /// The descriptor of something that wakes this service, to be watched by the loop; see ``audit``.
    open var wakeDescriptor: Int32? { nil }

    /// ``wakeDescriptor`` became readable.
    open func woken() {}
}
