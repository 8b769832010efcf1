import Adapters
import Recipients
import TLSKit

/// Rules as one worker holds them: with the origins its adapters lead to, and a count of the requests judged under them, so
/// that a request keeps its rules across a reload without counting references.
final class HeldRules {
    let rules: ScreeningRules
    /// Requests that are between their head and their end.
    @exclusivity(unchecked) var users = 0
    /// Upstream pools by adapter and host; a provider has few host names.
    @exclusivity(unchecked) private var origins: [[(host: [UInt8], handle: OriginHandle)]]

    /// The programs that a send may name, as they stand in the field.
    let programs: [(name: [UInt8], key: ProgramKey)]

    init(_ rules: ScreeningRules, secret: DigestSecret) {
        self.rules = rules
        programs = rules.programs.map { (Array($0.utf8), ProgramKey($0, secret: secret)) }
        origins = rules.routes.adapters.map { _ in [] }
    }

    /// - Returns: where the program that a request names is; `nil` when there is none of that name.
    func program(named name: UnsafeBufferPointer<UInt8>) -> Int? {
        for index in programs.indices where programs[index].name.elementsEqual(name) { return index }
        return nil
    }

    /// The most host names one provider may be reached under; more would be an attempt to exhaust us with pools.
    static let hostLimit = 64

    /// The pool for `host` of the adapter at `index`.
    /// - Returns: `nil` when the host cannot be used.
    func origin(_ index: Int, host: [UInt8], worker: Worker) -> OriginHandle? {
        for place in origins[index].indices where origins[index][place].host == host { return origins[index][place].handle }
        guard origins[index].count < Self.hostLimit else { return nil }
        let adapter = rules.routes.adapters[index]
        let connect = adapter.connect.map { "\($0.host):\($0.port)" }
        let origin = Origin(
            host: String(decoding: host, as: UTF8.self), port: adapter.origin.port, usesTLS: adapter.origin.usesTLS,
            connectTo: connect, offer: rules.onlyHTTP1.contains(adapter.provider) ? .onlyHTTP1 : .http2ThenHTTP1)
        guard let handle = try? worker.open(origin) else { return nil }
        origins[index].append((host, handle))
        return handle
    }
}
