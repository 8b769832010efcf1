import TLSKit

/// Which client connections keep the record buffers of their TLS. A buffer for each record costs a busy HTTP/1.1 connection two
/// allocations a request; a buffer for each connection costs an idle one 33 KiB.
extension Worker {
    /// The most connections that keep them at a time: 17 MiB.
    private static let busyLimit = 512
    /// After so many milliseconds without a byte from the client a connection gives them back.
    private static let busyTime = 1_000

    /// Bytes came from a client.
    @inline(__always)
    func noteBusy(_ connection: ConnectionPointer) {
        connection.pointee.heardAt = now.milliseconds
        if !connection.pointee.keepsBuffers, busyConnections < Self.busyLimit { keepBuffers(connection) }
    }

    @inline(never)
    private func keepBuffers(_ connection: ConnectionPointer) {
        guard connection.pointee.tls != nil, connection.pointee.role == .client else { return }
        connection.pointee.tls?.keepBuffers(true)
        connection.pointee.keepsBuffers = true
        busyConnections += 1
        limit(connection, to: Self.busyTime)
    }

    /// When `connection` is to give its buffers back unless it says something; `.max` when it keeps none.
    func busyDeadline(_ connection: ConnectionPointer) -> UInt64 {
        connection.pointee.keepsBuffers ? connection.pointee.heardAt + UInt64(Self.busyTime) : .max
    }

    /// Its timer fired: a connection that has become silent gives its buffers back.
    func releaseBuffersIfSilent(_ connection: ConnectionPointer) {
        guard busyDeadline(connection) <= now.milliseconds else { return }
        connection.pointee.tls?.keepBuffers(false)
        forgetBuffers(connection)
    }

    /// The connection keeps no buffers any more, or is closed.
    func forgetBuffers(_ connection: ConnectionPointer) {
        guard connection.pointee.keepsBuffers else { return }
        connection.pointee.keepsBuffers = false
        busyConnections -= 1
    }
}
