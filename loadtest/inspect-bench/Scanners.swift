import Adapters
import Bytes
import Glibc
import Recipients

/// One scanner each, without the inspector around it, limits lifted so that the scan itself is measured and not its caps.
struct Scanners: ~Copyable {
    private var json = JSONTape()
    private var form = FormTape()
    private var multipart = MultipartTape()
    private var message = MIMEMessage()
    private var list = MailboxList()
    private var decoded = GrowableBytes(capacity: 4096)
    private var jsonLimits = JSONLimits()
    private var formLimits = FormLimits()
    private var partLimits = MultipartLimits()
    private var headLimits = MIMELimits()
    private let boundary = Array(ScanBodies.boundary.utf8)

    init() {
        (jsonLimits.elements, jsonLimits.stringBytes, jsonLimits.keyBytes, jsonLimits.numberBytes) = (.max, .max, .max, .max)
        jsonLimits.foldedKeyBytes = .max
        (formLimits.fields, formLimits.nameBytes, formLimits.valueBytes) = (.max, .max, .max)
        partLimits.parts = .max
        (headLimits.headBytes, headLimits.headers, headLimits.lineBytes) = (.max, .max, .max)
    }

    /// - Returns: whether the body was accepted.
    mutating func scan(_ kind: String, _ body: [UInt8]) -> Bool {
        let boundary = boundary
        return switch kind {
        case "json", "json-text": (try? json.scan(body.span, limits: jsonLimits)) != nil
        case "form": (try? form.scan(body.span, limits: formLimits)) != nil
        case "multipart": (try? multipart.scan(body.span, boundary: boundary.span, limits: partLimits)) != nil
        case "mime", "mime-lf": (try? message.scan(body.span, limits: headLimits)) != nil
        case "list": (try? list.read(body.span, limit: 1 << 40)) != nil
        case "base64": decode(body)
        default: false
        }
    }

    private mutating func decode(_ body: [UInt8]) -> Bool {
        decoded.reset()
        return Base64.decode(body.span, .standard, into: &decoded) == nil
    }

    /// Seconds of this thread's own time for one scan: the least of several batches of about ten milliseconds.
    mutating func seconds(_ kind: String, _ body: [UInt8]) -> Double {
        _ = scan(kind, body)
        var best = Double.infinity
        var batch = 1
        for _ in 0..<12 {
            var start = timespec(), end = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
            for _ in 0..<batch { _ = scan(kind, body) }
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
            let seconds = Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) * 1e-9
            best = min(best, seconds / Double(batch))
            batch = max(1, min(1_000_000, Int(0.01 / max(best, 1e-9))))
        }
        return best
    }
}
