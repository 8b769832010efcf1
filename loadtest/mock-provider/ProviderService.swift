import Dataplane
import Foundation
import HTTPKit

/// Answers the way the providers do.
final class ProviderService: Service {
    private let memory: Memory
    private let book: AnswerBook
    private let delays: DelayLine
    /// What was looked up for a call before: load tests ask for a few targets again and again.
    private var known: [Call: [AnswerRule]] = [:]
    private var random = QuickRandom()
    /// Reused for every answer.
    private var body: [UInt8] = []

    private struct Call: Hashable {
        let method: HTTPMethod
        let authority: String
        let target: String
    }

    init(memory: Memory, book: AnswerBook, delays: DelayLine) {
        self.delays = delays
        self.memory = memory
        self.book = book
    }

    override func requestHead(_ exchange: Exchange) { exchange.receive(limit: 64 << 20) }

    override func requestComplete(_ exchange: Exchange) {
        let target = exchange.target
        if target.hasPrefix("/__mock/") {
            control(exchange, target)
            return
        }
        let number = memory.add(memory.remembers ? describe(exchange, target) : nil)
        let behaviour = memory.behaviour
        let delay = behaviour.delay?.milliseconds(&random) ?? Double(behaviour.delayMilliseconds ?? 0)
        guard delay > 0 else {
            answer(exchange, target, number, behaviour)
            return
        }
        exchange.userState = UInt64(number)
        delays.resume(exchange.park(), after: delay)
    }

    override func resumed(_ exchange: Exchange, _ result: ParkResult) {
        answer(exchange, exchange.target, Int(exchange.userState), memory.behaviour)
    }

    private func describe(_ exchange: Exchange, _ target: String) -> Memory.Request {
        Memory.Request(
            method: "\(exchange.method)".uppercased(), host: exchange.authority, path: target,
            protocolVersion: exchange.isHTTP2 ? "HTTP/2" : "HTTP/1.1",
            fields: exchange.fields.map { [$0.name, $0.value] },
            body: Self.body(exchange))
    }

    private func answer(_ exchange: Exchange, _ target: String, _ number: Int, _ behaviour: Memory.Behaviour) {
        if let fault = behaviour.fault(&random) {
            memory.count(fault)
            switch fault {
            case .reset: exchange.drop()
            case .status(let status):
                exchange.answer(
                    status: status, contentType: "application/json", body: Array(#"{"mock":"fault"}"#.utf8), fields: [("mock-fault", fault.name)])
            }
            return
        }
        let request = AnswerRequest(target: target, headers: { exchange.fields }, body: { Self.body(exchange) })
        if let name = behaviour.error {
            guard let rule = book.error(name, authority: exchange.authority) else {
                exchange.answer(status: 501, contentType: "text/plain", body: Array("no provider of this host has the error '\(name)'\n".utf8))
                return
            }
            write(exchange, rule, number, request)
        } else if let status = behaviour.status {
            exchange.answer(status: status, contentType: "application/json", body: Array("{}".utf8))
        } else if let rule = rules(exchange, target).first(where: { !$0.isConditional || $0.holds(request) }) {
            write(exchange, rule, number, request)
        } else {
            exchange.answer(status: 200, contentType: "application/json", body: Array(#"{"mock":true}"#.utf8))
        }
    }

    private func rules(_ exchange: Exchange, _ target: String) -> [AnswerRule] {
        let call = Call(method: exchange.method, authority: exchange.authority, target: target)
        if let rules = known[call] { return rules }
        let rules = book.rules(
            method: "\(call.method)".uppercased(), authority: call.authority, path: String(target.prefix { $0 != "?" }))
        if known.count >= 1024 { known.removeAll() }
        known[call] = rules
        return rules
    }

    private func write(_ exchange: Exchange, _ rule: AnswerRule, _ number: Int, _ request: AnswerRequest) {
        body.removeAll(keepingCapacity: true)
        rule.body.append(to: &body, number: number, request: request) { out in
            guard let each = rule.each else { return }
            for (index, value) in each.list.values(request).enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                each.item.append(to: &out, number: number, request: request, item: (index, value))
            }
        }
        var fields: [(String, String)] = []
        for header in rule.headers {
            var value: [UInt8] = []
            header.value.append(to: &value, number: number, request: request)
            fields.append((header.name, String(decoding: value, as: UTF8.self)))
        }
        exchange.answer(status: rule.status, contentType: rule.contentType, body: body, named: fields)
    }

    private static func body(_ exchange: Exchange) -> Data {
        exchange.withBody { body in
            var copy = Data(capacity: body.count)
            for index in body.indices { copy.append(body[index]) }
            return copy
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
            let faults = memory.faults.sorted { $0.key < $1.key }.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",")
            exchange.answer(
                status: 200, contentType: "application/json", body: Array(#"{"count":\#(memory.count),"faults":{\#(faults)}}"#.utf8))
        case (.put, "/__mock/behaviour"):
            let body = exchange.withBody { body in body.indices.map { body[$0] } }
            let behaviour: Memory.Behaviour
            do { behaviour = try JSONDecoder().decode(Memory.Behaviour.self, from: Data(body)) } catch {
                exchange.answer(status: 400, contentType: "text/plain", body: Array("not a behaviour: \(error)\n".utf8))
                return
            }
            if let problem = behaviour.problem {
                exchange.answer(status: 400, contentType: "text/plain", body: Array("\(problem)\n".utf8))
                return
            }
            memory.behaviour = behaviour
            exchange.answer(status: 204, contentType: "", body: [])
        default:
            exchange.answer(status: 404, contentType: "text/plain", body: Array("no such control\n".utf8))
        }
    }
}
