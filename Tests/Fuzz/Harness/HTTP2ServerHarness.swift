import Bytes
import HTTPKit

/// What a client may send behind the HTTP/2 preface and its SETTINGS. The first two bytes say how the bytes are cut and what
/// the engine does with requests; the rest are frames.
///
/// - Every stream that was opened is closed once, its events come before that, and none is left when the session has ended.
/// - Heads without a fault keep the rules that HTTP/1.1 heads keep.
/// - Body bytes are counted right.
enum HTTP2ServerHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        guard input.count >= 2 else { return }
        let engine = H2Engine(script: input[0], manners: input[1])
        let configuration = H2Configuration(limits: H2Limits()) { context in
            guard let context else { return nil }
            return Unmanaged<H2Engine>.fromOpaque(context).takeUnretainedValue().open()
        }
        try withExtendedLifetime(engine) { () throws(Violation) in
            let session = H2Session(configuration, context: Unmanaged.passUnretained(engine).toOpaque(), now: 0)
            try engine.serve(session, input.rest(after: 2))
        }
    }
}
