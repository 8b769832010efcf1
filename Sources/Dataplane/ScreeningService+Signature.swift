import Adapters
import Bytes
import Gate
import HTTPKit
import Signing
import TLSKit

/// Requests that are signed: the client's signature is checked when its key is known, and made anew where we change what it covers.
extension ScreeningService {
    // MARK: The client's signature

    /// The hash of the body as it is now, if AWS's signature may cover it.
    func signedPayload(_ x: ExchangePointer) -> [UInt8]? {
        guard let value = x.pointee.request.pointee.fields.value(of: .authorization), value.starts(with: "AWS4-HMAC-SHA256".utf8) else { return nil }
        return AWSRequest.payloadHash(x.pointee.requestBody.pointee.readable.span)
    }

    /// Reads how the request is signed.
    /// - Returns: `false` when the request was refused.
    func readSignature(_ x: ExchangePointer, _ extras: SendExtras) -> Bool {
        guard case .sigv4(_)? = extras.rule.signature else { return true }
        let request = x.pointee.request
        if hasSignedQuery(x) { return refuseSignature(x, .signatureUnsupported, "presigned URLs are not taken for sends: sign with the Authorization header") }
        let fields = request.pointee.fields.tokens
        guard fields.contains(.authorization) else { return true }
        guard !request.pointee.fields.repeatedTokens.contains(.authorization), let value = request.pointee.fields.value(of: .authorization) else {
            return refuseSignature(x, .signatureUnsupported, "the Authorization header occurs more than once")
        }
        switch AWSAuthorization.read(value.span) {
        case .sigV4a:
            return refuseSignature(x, .signatureUnsupported, "Signature Version 4a (AWS4-ECDSA-P256-SHA256): use a regional endpoint")
        case .malformed(let why): return refuseSignature(x, .signatureUnsupported, why)
        case .other: return refuseSignature(x, .signatureUnsupported, "AWS takes AWS4-HMAC-SHA256 in the Authorization header")
        case .sigV4(let authorization):
            extras.isMoved = isMoved(x, authorization)
            if let credential = signingKeys(x).aws.credential(authorization.accessKeyID) {
                extras.signature = .aws(authorization, credential)
            } else {
                extras.signature = .foreign
                if extras.isMoved {
                    let isGzip = x.pointee.screening.isGzip
                    return refuseSignature(
                        x, .signatureUnknownKey, isGzip ? "without content coding it needs none" : "sent by the provider's own host name, by DNS, it needs none")
                }
            }
        }
        return true
    }

    private func signingKeys(_ x: ExchangePointer) -> SigningKeys {
        x.pointee.screening.rules?._withUnsafeGuaranteedRef { $0.rules.signing } ?? held.rules.signing
    }

    /// Holds the verdict against who signed: what would be stripped and cannot be signed anew is refused whole, for the reason
    /// in ``scratchDetail``.
    func settleSignature(_ extras: SendExtras, _ verdict: Verdict) -> Verdict {
        guard verdict == .strip, case .foreign = extras.signature else { return verdict }
        scratchDetail.reset(keeping: 4096)
        scratchDetail.append("somebody it is for has opted out; without that recipient it needs none")
        return .refuse(.signatureUnknownKey)
    }

    private func refuseSignature(_ x: ExchangePointer, _ refusal: Refusal, _ why: String) -> Bool {
        scratchDetail.reset(keeping: 4096)
        scratchDetail.append(why)
        refuse(x, refusal, detail: scratchDetail.bytes)
        return false
    }

    /// Whether what the signature covers, the body apart, reaches the provider otherwise than it was signed.
    private func isMoved(_ x: ExchangePointer, _ authorization: AWSAuthorization) -> Bool {
        let request = x.pointee.request
        if x.pointee.screening.isGzip { return true }
        let upstream = worker.pools[x.pointee.screening.origin.index].authority
        if !ASCIIText.equal(request.pointee.fields.bytes(request.pointee.authority).span, upstream.span) { return true }
        let sent = request.pointee.fields.bytes(request.pointee.path), out = request.pointee.fields.bytes(x.pointee.upstreamPath)
        if !ASCIIText.equal(sent.span, out.span) { return true }
        for name in authorization.signedHeaders where !name.elementsEqual("host".utf8) && !name.elementsEqual("content-length".utf8) {
            var index = name.withUnsafeBufferPointer { request.pointee.fields.firstIndex(named: $0) }
            if index == nil { return true }
            while let at = index {
                if !goesOn(x, request.pointee.fields[at]) { return true }
                index = name.withUnsafeBufferPointer { request.pointee.fields.firstIndex(named: $0, from: at + 1) }
            }
        }
        return false
    }

    private func goesOn(_ x: ExchangePointer, _ field: FieldBlock.Field) -> Bool {
        !field.isNominated && !HeaderTokenSet.requestDropped.contains(field.token) && !x.pointee.droppedFields.contains(field.token)
    }

    /// Whether the query carries a signature, in any spelling a server might read.
    private func hasSignedQuery(_ x: ExchangePointer) -> Bool {
        let path = x.pointee.request.pointee.fields.bytes(x.pointee.upstreamPath)
        guard let mark = path.firstIndex(of: UInt8(ascii: "?")) else { return false }
        var name = GrowableBytes(capacity: 64)
        for piece in path[(mark + 1)...].split(whereSeparator: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") }) {
            let key = UnsafeBufferPointer(rebasing: piece.prefix { $0 != UInt8(ascii: "=") })
            name.reset()
            _ = PercentDecoding.decode(key.span, plusIsBlank: true, into: &name)
            let isSignature = name.withSpan {
                ASCIIText.caselessEqual($0, "x-amz-signature".utf8.span) || ASCIIText.caselessEqual($0, "x-amz-algorithm".utf8.span)
            }
            if isSignature { return true }
        }
        return false
    }

    /// Checks the signature over the body as it came, content coding on.
    /// - Returns: `false` when the request was refused.
    func verifyAWS(_ x: ExchangePointer, _ extras: SendExtras, payload: [UInt8]?) -> Bool {
        guard case .aws(let authorization, let credential) = extras.signature, case .sigv4(let service)? = extras.rule.signature else { return true }
        let request = x.pointee.request
        let host = Array(request.pointee.fields.bytes(request.pointee.authority))
        let hash = payload ?? AWSRequest.payloadHash(x.pointee.requestBody.pointee.readable.span)
        let signed = awsRequest(x, target: request.pointee.path, host: host, payloadHash: hash) { _ in true }
        do throws(AWSSignature.Fault) {
            try AWSSignature.verify(signed, authorization, credential: credential, service: service, now: UnixTime.now())
            extras.isVerified = true
            return true
        } catch {
            return refuseSignature(x, .signatureWrong, error.message)
        }
    }

    /// Reads and checks a signature among the parameters.
    /// - Returns: `false` when the request was refused.
    func verifyVonage(_ x: ExchangePointer, _ extras: SendExtras) -> Bool {
        guard case .vonage(let field)? = extras.rule.signature, let parameters = vonageParameters(x, x.pointee.requestBody.pointee.readable.span)
        else { return true }
        let given = parameters.filter { $0.name == field }
        if given.isEmpty { return true }
        let name = parameters.first { $0.name.elementsEqual("api_key".utf8) }?.value ?? []
        guard let account = signingKeys(x).vonage(name) else {
            extras.signature = .foreign
            return true
        }
        do throws(VonageSignature.Fault) {
            try VonageSignature.verify(parameters, secret: account.secret, method: account.method, now: UnixTime.now())
            extras.signature = .vonage(account, field: field)
            extras.isVerified = true
            return true
        } catch {
            let why =
                switch error {
                case .mismatch: "it does not match: check the signature secret and method"
                case .expired: "timestamp is more than 15 minutes off: set the sender's clock"
                case .missingTimestamp: "it needs a timestamp in seconds since 1970"
                case .repeated: "a parameter occurs more than once"
                }
            return refuseSignature(x, .signatureWrong, why)
        }
    }

    // MARK: Signing anew

    /// Signs what goes out, where it differs from what the client signed.
    /// - Parameter body: what will go out.
    /// - Returns: `false` when that cannot be done; nothing may go out then.
    func signAnew(_ x: ExchangePointer, _ extras: SendExtras, body: Span<UInt8>, isChanged: Bool) -> Bool {
        switch extras.signature {
        case .none: return true
        case .foreign: return !isChanged && !extras.isMoved
        case .vonage: return !isChanged || extras.isVerified
        case .aws(let authorization, let credential):
            guard extras.isVerified else { return false }
            guard isChanged || extras.isMoved else { return true }
            let host = Array(worker.pools[x.pointee.screening.origin.index].authority)
            let request = awsRequest(x, target: x.pointee.upstreamPath, host: host, payloadHash: AWSRequest.payloadHash(body)) { self.goesOn(x, $0) }
            return replaceFields(x, AWSSignature.sign(request, with: credential, authorization: authorization, now: UnixTime.now()))
        }
    }

    /// The key of a call that is no send, where it was signed for another host than the one it goes to.
    func passCredential(_ x: ExchangePointer) -> (AWSAuthorization, AWSCredential)? {
        let fields = x.pointee.request.pointee.fields.tokens
        guard fields.contains(.authorization), !signingKeys(x).aws.isEmpty,
            !x.pointee.request.pointee.fields.repeatedTokens.contains(.authorization),
            let value = x.pointee.request.pointee.fields.value(of: .authorization),
            case .sigV4(let authorization) = AWSAuthorization.read(value.span),
            let credential = signingKeys(x).aws.credential(authorization.accessKeyID), isMoved(x, authorization)
        else { return nil }
        return (authorization, credential)
    }

    /// Signs a call that is no send and has its body at hand, where ``passCredential(_:)`` has a key for it.
    /// - Parameter payload: as for ``readExtras(_:payload:)``.
    /// - Returns: `false` when the request was refused. One by an unknown key goes on: the provider will refuse it.
    func signPass(_ x: ExchangePointer, payload: [UInt8]?) -> Bool {
        let request = x.pointee.request
        guard let (authorization, credential) = passCredential(x) else { return true }
        let now = UnixTime.now(), hash = AWSRequest.payloadHash(x.pointee.requestBody.pointee.readable.span)
        let signed = awsRequest(
            x, target: request.pointee.path, host: Array(request.pointee.fields.bytes(request.pointee.authority)), payloadHash: payload ?? hash
        ) { _ in true }
        do throws(AWSSignature.Fault) {
            try AWSSignature.verify(signed, authorization, credential: credential, service: authorization.service, now: now)
        } catch {
            return refuseSignature(x, .signatureWrong, error.message)
        }
        let host = Array(worker.pools[x.pointee.screening.origin.index].authority)
        let new = awsRequest(x, target: x.pointee.upstreamPath, host: host, payloadHash: hash) { self.goesOn(x, $0) }
        guard replaceFields(x, AWSSignature.sign(new, with: credential, authorization: authorization, now: now)) else {
            refuse(x, .headTooLarge)
            return false
        }
        return true
    }

    /// Withholds the fields that are to be replaced and adds the new ones.
    private func replaceFields(_ x: ExchangePointer, _ added: [AWSRequest.Field]) -> Bool {
        let head = x.pointee.request
        for index in 0..<head.pointee.fields.count {
            let name = head.pointee.fields.name(index)
            if AWSSignature.withdrawn.contains(where: { $0.utf8.elementsEqual(name) }) { head.pointee.fields.withhold(at: index) }
        }
        for field in added {
            let isAdded = field.name.withUnsafeBufferPointer { name in
                field.value.withUnsafeBufferPointer { value in head.pointee.fields.append(name: name, value: value, lowercaseName: false) }
            }
            if !isAdded { return false }
        }
        return true
    }

    private func awsRequest(
        _ x: ExchangePointer, target: ByteRange, host: [UInt8], payloadHash: [UInt8], taking: (FieldBlock.Field) -> Bool
    ) -> AWSRequest {
        let head = x.pointee.request
        var fields = [AWSRequest.Field(name: Array("host".utf8), value: host)]
        for index in 0..<head.pointee.fields.count where head.pointee.fields[index].token != .host && taking(head.pointee.fields[index]) {
            fields.append(.init(name: Array(head.pointee.fields.name(index)), value: Array(head.pointee.fields.value(index))))
        }
        return AWSRequest(
            method: Array(head.pointee.fields.bytes(head.pointee.methodName)), target: Array(head.pointee.fields.bytes(target)), fields: fields,
            payloadHash: payloadHash)
    }

    // MARK: Parameters

    /// All parameters of a request to Vonage, body and query together.
    /// - Returns: `nil` when the body is not what its type says; the inspector will refuse it.
    private func vonageParameters(_ x: ExchangePointer, _ body: Span<UInt8>) -> [VonageSignature.Parameter]? {
        let head = x.pointee.request
        var found: [VonageSignature.Parameter] = []
        let path = head.pointee.fields.bytes(x.pointee.upstreamPath)
        if let mark = path.firstIndex(of: UInt8(ascii: "?")) {
            guard FormParameters.append(UnsafeBufferPointer(rebasing: path[(mark + 1)...]).span, to: &found) else { return nil }
        }
        guard !body.isEmpty else { return found }
        let isJSON = head.pointee.fields.value(of: .contentType).map { $0.starts(with: "application/json".utf8) } ?? false
        let isRead = isJSON ? FormParameters.appendJSON(body, to: &found) : FormParameters.append(body, to: &found)
        return isRead ? found : nil
    }

    /// Appends `body` with the value of its signature replaced by one for what it holds now.
    /// - Returns: `false` when it has no such field: then it cannot be signed.
    func appendSigned(_ x: ExchangePointer, _ extras: SendExtras, _ body: Span<UInt8>, into out: inout GrowableBytes) -> Bool {
        guard case .vonage(let account, let field) = extras.signature, let parameters = vonageParameters(x, body),
            let range = FormParameters.value(of: field, in: body)
        else { return false }
        out.append(body.extracting(0..<range.lowerBound))
        out.append(VonageSignature.sign(parameters, secret: account.secret, method: account.method).span)
        out.append(body.extracting(range.upperBound..<body.count))
        return true
    }
}
