import Bytes

/// What a provider may send behind its SETTINGS. The first byte says how the bytes are cut and what the engine does with answers;
/// the rest are frames.
///
/// - Every stream closes once, its events come before that, and none is left at the end of a connection that is sound.
/// - What we send are whole frames, ids in order; a stream that closed unsent has none.
/// - Heads without a fault keep the rules, and bodies are as long as they said.
enum HTTP2ClientHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        guard let script = input.first else { return }
        try UpstreamEngine(script: script).serve(input.rest(after: 1))
    }
}
