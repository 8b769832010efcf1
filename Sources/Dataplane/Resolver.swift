import CLinux
import Glibc
import Synchronization

/// One address to connect to.
struct ResolvedAddress: Sendable, Hashable {
    /// A `sockaddr_in` or `sockaddr_in6` as bytes.
    let bytes: [UInt8]
    let family: Int32
}

/// Name resolution away from the event loops: `getaddrinfo` blocks, so it has a thread of its own. Answers go to the
/// mailbox of whoever asked.
final class Resolver: Sendable {
    private struct Question: Sendable {
        let host: String
        let port: Int
        let pool: Int
        let mailbox: Mailbox
    }

    private let questions = Mutex<[Question]>([])
    private let wake: Int32

    init() {
        wake = eventfd(0, Int32(EFD_CLOEXEC))
        precondition(wake >= 0, "eventfd failed: errno \(errno)")
        let this = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let rc = pthread_create(&thread, nil, { raw in
            Unmanaged<Resolver>.fromOpaque(raw.unsafelyUnwrapped).takeUnretainedValue().run()
        }, this.toOpaque())
        precondition(rc == 0, "pthread_create failed: \(rc)")
        pthread_detach(thread)
    }

    func resolve(host: String, port: Int, pool: Int, answerTo mailbox: Mailbox) {
        questions.withLock { $0.append(Question(host: host, port: port, pool: pool, mailbox: mailbox)) }
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }

    private func run() -> Never {
        while true {
            var count: UInt64 = 0
            _ = read(wake, &count, 8)
            let batch = questions.withLock { list in
                defer { list.removeAll() }
                return list
            }
            for question in batch {
                let addresses = Self.lookUp(host: question.host, port: question.port)
                question.mailbox.post(.resolved(pool: question.pool, addresses, failed: addresses.isEmpty))
            }
        }
    }

    /// Every address of `host`, in the order of preference that the system's resolver gives. Literal addresses work too.
    static func lookUp(host: String, port: Int) -> [ResolvedAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [ResolvedAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let address = info.ai_addr {
                let bytes = UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen))
                addresses.append(ResolvedAddress(bytes: Array(bytes), family: info.ai_family))
            }
            entry = info.ai_next
        }
        return addresses
    }
}
