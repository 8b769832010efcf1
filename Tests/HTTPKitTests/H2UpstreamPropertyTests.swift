import Bytes
import HTTPKit
import TestSupport
import Testing

/// Our client session against nghttp2's server session, in memory: bodies, windows, resets and cuts of the byte stream are random.
///
/// - A request reaches the server once or never, with the fields and the body it was given; never if it closed as unsent.
/// - Every stream closes once; undisturbed, its answer arrives whole.
@Suite struct H2UpstreamPropertyTests {
    /// One request on both sides.
    private final class Exchange {
        let call: UpstreamCall
        let body: String
        let answer: String
        let hasBody: Bool
        var isDisturbed = false
        var unfed: Substring

        init(_ number: Int, _ generator: inout SeededGenerator) {
            func text() -> String { String(repeating: "\(number)-", count: [0, 1, 40, 2000, 30_000].randomElement(using: &generator) ?? 0) }
            hasBody = Int.random(in: 0..<4, using: &generator) > 0
            body = hasBody ? text() : ""
            answer = text()
            let isWhole = Bool.random(using: &generator)
            var fields = [("x-number", "\(number)"), ("content-type", "text/plain")]
            for index in 0..<Int.random(in: 0..<6, using: &generator) {
                fields.append(("x-\(Int.random(in: 0..<20, using: &generator))", String(repeating: "\(index)", count: [1, 9, 200, 6000].randomElement(using: &generator) ?? 1)))
            }
            call = UpstreamCall(
                hasBody ? "POST" : "GET", path: "/\(number)", body: hasBody ? (isWhole ? body : "") : nil, ends: isWhole, length: isWhole && hasBody ? body.utf8.count : nil,
                fields: fields)
            unfed = isWhole ? "" : body[...]
        }
    }

    /// What the server saw of a request.
    private final class Served {
        let stream = UnsafeMutablePointer<H2Stream>.allocate(capacity: 1)
        let request = UnsafeMutablePointer<RequestHead>.allocate(capacity: 1)
        let incoming = UnsafeMutablePointer<ByteQueue>.allocate(capacity: 1)
        let outgoing = UnsafeMutablePointer<ByteQueue>.allocate(capacity: 1)
        var response = ResponseHead()
        var number: Int?
        var isEnded = false
        var isAnswered = false

        init() {
            request.initialize(to: RequestHead(fieldLimit: 200, byteLimit: 1 << 20))
            incoming.initialize(to: ByteQueue())
            outgoing.initialize(to: ByteQueue())
            stream.initialize(to: H2Stream())
            stream.pointee.request = request
            stream.pointee.incoming = incoming
            stream.pointee.outgoing = outgoing
            stream.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
        }

        deinit {
            stream.deinitialize(count: 1)
            request.deinitialize(count: 1)
            incoming.deinitialize(count: 1)
            outgoing.deinitialize(count: 1)
            stream.deallocate()
            request.deallocate()
            incoming.deallocate()
            outgoing.deallocate()
        }
    }

    private final class Server { var served: [Served] = [] }

    private struct Run {
        var generator: SeededGenerator
        let server = Server()
        let session: H2Session
        let client: H2Upstream
        var exchanges: [Exchange] = []
        var toServer: [UInt8] = [], toClient: [UInt8] = []
        var now: UInt64 = 1
        let disturbs: Bool
        var isGoingAway = false
        var isClientAlive = true

        init(seed: UInt64) {
            generator = SeededGenerator(seed: seed)
            disturbs = Bool.random(using: &generator)
            var limits = H2Limits()
            limits.concurrentStreams = [1, 3, 100].randomElement(using: &generator) ?? 100
            limits.streamWindow = [100, 9_000, 65_536, 200_000].randomElement(using: &generator) ?? 65_536
            limits.connectionWindow = [65_535, 1 << 20].randomElement(using: &generator) ?? 65_535
            limits.headerListSize = 1 << 20
            // Hostility is another test's matter.
            limits.resetBurst = 100_000
            limits.glitchBurst = 100_000
            limits.settingsFrames = 100_000
            let configuration = H2Configuration(limits: limits) { context in
                let served = Served()
                Unmanaged<Server>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().served.append(served)
                return UnsafeMutableRawPointer(served.stream)
            }
            session = H2Session(configuration, context: Unmanaged.passUnretained(server).toOpaque(), now: 0)
            limits.streamWindow = [100, 9_000, 65_536, 200_000].randomElement(using: &generator) ?? 65_536
            limits.connectionWindow = [65_535, 1 << 20].randomElement(using: &generator) ?? 65_535
            client = H2Upstream(limits, now: 0)
        }

        mutating func random(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

        // MARK: The client's side

        mutating func clientTurn() {
            if exchanges.count < 24, random(3) == 0 {
                let exchange = Exchange(exchanges.count, &generator)
                if exchange.call.submit(to: client) {
                    exchanges.append(exchange)
                } else {
                    #expect(isGoingAway || !isClientAlive)
                }
            }
            for exchange in exchanges where !exchange.unfed.isEmpty || !exchange.call.stream.pointee.outgoingEnded {
                guard random(2) == 0 else { continue }
                let piece = exchange.unfed.prefix(1 + random(20_000))
                exchange.unfed = exchange.unfed.dropFirst(piece.count)
                exchange.call.add(String(piece), ends: exchange.unfed.isEmpty)
                client.resume(exchange.call.stream)
            }
            if disturbs, random(10) == 0, let exchange = exchanges.randomElement(using: &generator), exchange.call.end == nil {
                exchange.isDisturbed = true
                client.reset(exchange.call.stream, .cancel)
            }
            var out = GrowableBytes()
            _ = client.write(into: &out, atMost: [1, 1000, 100_000][random(3)])
            toServer += Array(out.bytes)
            takeClientEvents()
        }

        mutating func takeClientEvents() {
            while let event = client.nextEvent() {
                switch event {
                case .head(let stream): call(stream).note("h")
                case .data(let stream, let count):
                    call(stream).note("d")
                    client.credit(stream, count)
                    client.creditConnection(count)
                case .end(let stream): call(stream).note("e")
                case .wrote(let stream, let count): call(stream).wrote += count
                case .closed(let stream, let code, let unsent):
                    call(stream).note("c")
                    call(stream).end = .init(code: code, unsent: unsent)
                case .goaway: isGoingAway = true
                case .sentEnd, .flood: Issue.record("\(event)")
                }
            }
        }

        func call(_ stream: UnsafeMutablePointer<H2Stream>) -> UpstreamCall {
            Unmanaged<UpstreamCall>.fromOpaque(stream.pointee.owner.unsafelyUnwrapped).takeUnretainedValue()
        }

        // MARK: The server's side

        mutating func serverTurn() {
            while let event = session.nextEvent() {
                switch event {
                case .head(let stream):
                    let served = served(stream)
                    let fault = stream.pointee.fault ?? FieldRules.finish(&served.request.pointee)
                    #expect(fault == nil)
                    guard let index = served.request.pointee.fields.firstIndex(named: "x-number") else { break }
                    served.number = Int(text(served.request.pointee.fields.value(index)))
                case .data(let stream, let count):
                    session.credit(stream, count)
                    session.creditConnection(count)
                case .end(let stream): served(stream).isEnded = true
                case .sentEnd(let stream): session.reset(stream, .noError)
                case .wrote, .closed, .goaway: break
                case .flood: Issue.record("\(event)")
                }
            }
            for served in server.served where served.number != nil && !served.isAnswered && served.stream.pointee.isOpen {
                guard served.isEnded || disturbs && random(20) == 0, random(2) == 0, let number = served.number else { continue }
                served.isAnswered = true
                if !served.isEnded { exchanges[number].isDisturbed = true }
                if disturbs, random(5) == 0 {
                    exchanges[number].isDisturbed = true
                    session.reset(served.stream, .internalError)
                    continue
                }
                served.response.begin(status: 201)
                _ = served.response.fields.add("x-number", "\(number)")
                let answer = wire(exchanges[number].answer)
                answer.withUnsafeBufferPointer { served.outgoing.pointee.append($0) }
                served.stream.pointee.outgoingEnded = true
                _ = session.submitResponse(served.stream, served.response, length: random(2) == 0 ? answer.count : nil, hasBody: !answer.isEmpty)
            }
            if disturbs, random(300) == 0 { session.goaway() }
            var out = GrowableBytes()
            _ = session.write(into: &out, atMost: [1, 1000, 100_000][random(3)])
            toClient += Array(out.bytes)
        }

        func served(_ stream: UnsafeMutablePointer<H2Stream>) -> Served {
            Unmanaged<Served>.fromOpaque(stream.pointee.owner.unsafelyUnwrapped).takeUnretainedValue()
        }

        // MARK: The wire

        mutating func carry() {
            now += 1
            let up = min(1 + random([3, 100, 50_000][random(3)]), toServer.count)
            let isServerAlive = toServer[..<up].withUnsafeBufferPointer { session.receive($0, now: now) }
            toServer.removeFirst(up)
            #expect(isServerAlive)
            serverTurn()
            let down = min(1 + random([3, 100, 50_000][random(3)]), toClient.count)
            isClientAlive = toClient[..<down].withUnsafeBufferPointer { client.receive($0, now: now) }
            toClient.removeFirst(down)
            #expect(isClientAlive)
            takeClientEvents()
        }

        mutating func untilDone() {
            var turns = 0
            while turns < 60_000, turns < 300 || client.openStreams > 0 || !toServer.isEmpty || !toClient.isEmpty {
                clientTurn()
                carry()
                turns += 1
            }
            #expect(turns < 60_000, "\(client.openStreams) streams never ended")
        }

        func check() {
            #expect(client.openStreams == 0)
            for (number, exchange) in exchanges.enumerated() {
                let call = exchange.call
                #expect(call.end != nil && call.trace.count { $0 == "c" } == 1 && call.trace.last == "c")
                let served = server.served.filter { $0.number == number }
                #expect(served.count <= 1, "\(number) arrived \(served.count) times")
                if call.end?.unsent == true {
                    #expect(served.isEmpty)
                    // A server that takes few streams refuses those that were sent before its SETTINGS came.
                    #expect(exchange.isDisturbed || isGoingAway || call.end?.code == H2ErrorCode.refusedStream.rawValue)
                    continue
                }
                guard !exchange.isDisturbed else { continue }
                guard let served = served.first else {
                    Issue.record("\(number) never arrived: \(call.trace) \(call.end.map { "\($0)" } ?? "")")
                    continue
                }
                #expect(text(served.incoming.pointee.readable) == exchange.body)
                let sent = pairs(call.request.pointee.fields).map { "\($0.name): \($0.value)" }
                let seen = pairs(served.request.pointee.fields).map { "\($0.name): \($0.value)" }.filter { !$0.hasPrefix("content-length:") }
                #expect(sent == seen)
                #expect(call.status == 201 && call.fault == nil && call.body == exchange.answer && call.end == .init(code: 0, unsent: false))
            }
        }
    }

    @Test(arguments: 1...60) func anythingGoes(_ seed: Int) {
        var run = Run(seed: UInt64(seed))
        run.untilDone()
        run.check()
        withExtendedLifetime(run.server) {}
    }
}
