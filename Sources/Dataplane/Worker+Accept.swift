import Bytes
import CLinux
import Glibc
import HTTPKit
import TLSKit

extension Worker {
    func acceptConnections(_ index: Int) {
        guard index < listeners.count, !isDraining else { return }
        let listener = listeners[index]
        for _ in 0..<64 {
            // Handshakes are the dearest thing a stranger can ask for: beyond this many under way, new ones wait in the
            // kernel's queue.
            guard handshakes < 256 else {
                pauseAccepting(milliseconds: 10)
                return
            }
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let fd = withUnsafeMutablePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    accept4(listener.fd, $0, &length, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
                }
            }
            if fd < 0 {
                switch errno {
                case EINTR, ECONNABORTED: continue
                case EMFILE, ENFILE:
                    refuseWithReserve(listener.fd)
                    pauseAccepting(milliseconds: 100)
                default: break
                }
                return
            }
            let address = PeerAddress(storage)
            switch sources.admit(address, limits: limits, now: now.milliseconds) {
            case .accepted: adopt(fd, address, listener)
            case .tooMany:
                metrics.add(.connectionsRefusedLimit)
                close(fd)
            case .tooManyFromSource:
                metrics.add(.connectionsRefusedPerSource)
                close(fd)
            case .tooFast:
                metrics.add(.connectionsRefusedRate)
                close(fd)
            }
        }
        // More may wait in the queue: listeners are level-triggered, the next turn goes on.
    }

    private func adopt(_ fd: Int32, _ address: PeerAddress, _ listener: Listener) {
        metrics.add(.connectionsAccepted)
        var one: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        let connection = ConnectionPointer.allocate(capacity: 1)
        connection.initialize(to: Connection(worker: self, fd: fd, role: .client))
        connection.pointee.address = address
        address.write(into: &connection.pointee.addressText)
        connection.pointee.service = .passUnretained(services[listener.service])
        connection.pointee.createdAt = now.milliseconds
        connection.pointee.waitingSince = now.milliseconds
        connection.pointee.timer.pointee.owner = UnsafeMutableRawPointer(connection)
        connection.pointee.tcpReady = true
        clientConnections.insert(connection)
        if let context = listener.tls {
            connection.pointee.tls = context.accept(fd: fd, output: outgoing)
            connection.pointee.proto = .handshake
            handshakes += 1
        } else {
            startHTTP1(connection)
        }
        guard reactor.add(fd, connection: UnsafeMutableRawPointer(connection)) else {
            closeConnection(connection)
            return
        }
        wheel.arm(connection.pointee.timer, at: connectionDeadline(connection))
    }

    private func pauseAccepting(milliseconds: UInt64) {
        guard acceptPausedUntil == 0 else { return }
        acceptPausedUntil = now.milliseconds + milliseconds
        for listener in listeners { reactor.remove(listener.fd) }
    }

    func resumeAccepting() {
        acceptPausedUntil = 0
        guard !isDraining else { return }
        for (index, listener) in listeners.enumerated() { _ = reactor.add(listener.fd, listener: index) }
    }

    /// Stops accepting, tells every client to go elsewhere, and lets requests in flight finish.
    func beginDrain() {
        guard !isDraining else { return }
        isDraining = true
        drainDeadline = now.milliseconds + UInt64(limits.drainTime)
        for listener in listeners {
            reactor.remove(listener.fd)
            listener.close()
        }
        listeners.removeAll()
        for connection in clientConnections {
            connection.pointee.isDraining = true
            switch connection.pointee.proto {
            case .http2:
                _ = connection.session { $0.goaway() }
                mark(connection)
            case .http1 where connection.pointee.exchange == nil && connection.pointee.input.isEmpty:
                closeConnection(connection)
            default: break
            }
        }
    }
}
