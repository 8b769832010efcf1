import Dataplane
import Dispatch
import Foundation
import HTTPKit

/// Answers sends the way the providers do.
final class ProviderService: Service {
    private let memory: Memory

    init(memory: Memory) { self.memory = memory }

    override func requestHead(_ exchange: Exchange) { exchange.receive(limit: 64 << 20) }

    override func requestComplete(_ exchange: Exchange) {
        let target = exchange.target
        if target.hasPrefix("/__mock/") {
            control(exchange, target)
            return
        }
        let number = memory.add(memory.remembers ? describe(exchange, target) : nil)
        let behaviour = memory.behaviour
        guard let delay = behaviour.delayMilliseconds, delay > 0 else {
            answer(exchange, target, number, behaviour)
            return
        }
        exchange.userState = UInt64(number)
        let ticket = exchange.park()
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(delay)) { ticket.resume(.done) }
    }

    override func resumed(_ exchange: Exchange, _ result: ParkResult) {
        answer(exchange, exchange.target, Int(exchange.userState), memory.behaviour)
    }

    private func describe(_ exchange: Exchange, _ target: String) -> Memory.Request {
        Memory.Request(
            method: "\(exchange.method)".uppercased(), host: exchange.authority, path: target,
            protocolVersion: exchange.isHTTP2 ? "HTTP/2" : "HTTP/1.1",
            fields: exchange.fields.map { [$0.name, $0.value] },
            body: exchange.withBody { body in
                var copy = Data(capacity: body.count)
                for index in body.indices { copy.append(body[index]) }
                return copy
            })
    }

    private func answer(_ exchange: Exchange, _ target: String, _ number: Int, _ behaviour: Memory.Behaviour) {
        if let status = behaviour.status {
            exchange.answer(status: status, contentType: "application/json", body: Array("{}".utf8))
        } else if exchange.method == .get || exchange.method == .head {
            exchange.answer(status: 200, contentType: "application/json", body: Array(#"{"mock":true}"#.utf8))
        } else if target.hasPrefix("/v3/mail/send") {
            exchange.answer(
                status: 202, contentType: "", body: [], fields: [("x-message-id", "mock-\(number).filter0001")])
        } else {
            let digits = String(number, radix: 16)
            let sid = "SM" + String(repeating: "0", count: max(0, 32 - digits.count)) + digits
            let body = #"{"sid":"\#(sid)","status":"queued","error_code":null,"error_message":null,"num_segments":"1","#
                + #""direction":"outbound-api","uri":"\#(target)"}"#
            exchange.answer(status: 201, contentType: "application/json", body: Array(body.utf8))
        }
    }

    // MARK: Control

    private func control(_ exchange: Exchange, _ target: String) {
        switch (exchange.method, target) {
        case (.get, "/__mock/requests"):
            let body = (try? JSONEncoder().encode(memory.requests)) ?? Data()
            exchange.answer(status: 200, contentType: "application/json", body: Array(body))
        case (.delete, "/__mock/requests"):
            memory.forget()
            exchange.answer(status: 204, contentType: "", body: [])
        case (.get, "/__mock/count"):
            exchange.answer(status: 200, contentType: "application/json", body: Array(#"{"count":\#(memory.count)}"#.utf8))
        case (.put, "/__mock/behaviour"):
            let body = exchange.withBody { body in body.indices.map { body[$0] } }
            guard let behaviour = try? JSONDecoder().decode(Memory.Behaviour.self, from: Data(body)) else {
                exchange.answer(status: 400, contentType: "text/plain", body: Array("not a behaviour\n".utf8))
                return
            }
            memory.behaviour = behaviour
            exchange.answer(status: 204, contentType: "", body: [])
        default:
            exchange.answer(status: 404, contentType: "text/plain", body: Array("no such control\n".utf8))
        }
    }
}
