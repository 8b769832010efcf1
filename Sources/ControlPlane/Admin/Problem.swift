import HTTPTypes
import Hummingbird
import Ledger
import Lists
import NIOCore
import Policy

/// An error as RFC 9457 writes it: what, where, and how to mend it.
struct Problem: HTTPResponseError {
    private struct Body: Encodable {
        let type: String
        let status: Int
        let title: String
        let detail: String
        let at: String?
        let requiredScope: String?
        let tokenScopes: [String]?
    }

    let status: HTTPResponse.Status
    let title: String
    let detail: String
    /// The field or parameter that is wrong.
    let at: String?
    /// The scope that the caller's token lacks, and those that it has.
    var requiredScope: String?
    var tokenScopes: [String]?
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ title: String, _ detail: String, at: String? = nil) {
        self.status = status
        self.title = title
        self.detail = detail
        self.at = at
    }

    /// What a failed call looks like from outside.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as HTTPError: self.init(error.status, error.status.reasonPhrase, error.body ?? "docs/openapi.yaml says what the admin API takes")
        case is NIOTooManyBytesError: self.init(.contentTooLarge, "too large", "a JSON body has 1 MiB at most; files of opt-outs go to /v1/import")
        case let failure as LedgerFailure:
            switch failure {
            case .rejected, .newerSchema: self.init(.unprocessableContent, "the event breaks a rule", "\(failure)")
            case .conflictingID: self.init(.conflict, "the id is taken", "\(failure)")
            default: self.init(.serviceUnavailable, "the ledger cannot record", "\(failure)")
            }
        case let failure as ImportFailure: self.init(.unprocessableContent, "the file cannot be imported", "\(failure)")
        case let failure as ListFailure:
            switch failure {
            case .unknownList: self.init(.notFound, "no such list", "\(failure)")
            case .busy: self.init(.conflict, "busy", "\(failure)")
            case .storage, .notRecorded, .damaged: self.init(.serviceUnavailable, "the lists cannot be changed", "\(failure)")
            default: self.init(.unprocessableContent, "the list cannot be changed so", "\(failure)")
            }
        case let mistake as SuppressionOrder.Mistake: self.init(.unprocessableContent, "a field is wrong", mistake.what, at: mistake.field)
        case let failure as TokenFailure: self.init(.serviceUnavailable, "the tokens cannot be read", "\(failure)")
        case let problems as PolicyProblems: self.init(.unprocessableContent, "the policies have mistakes", problems.description)
        case is WorkerBarrier.Timeout, is OptOutCommitter.Unenforceable: self.init(.serviceUnavailable, "not enforced", "\(error)")
        default: self.init(.internalServerError, "the call failed", "\(error)")
        }
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let body = Body(
            type: type, status: status.code, title: title, detail: detail, at: at, requiredScope: requiredScope, tokenScopes: tokenScopes)
        var response = try Answer.json(body, status)
        for field in headers { response.headers[field.name] = field.value }
        response.headers[.contentType] = "application/problem+json"
        return response
    }

    /// For programs: the title as a name that does not change with the language of the detail.
    private var type: String {
        let words = title.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return "urn:stopgate:problem:" + words.joined(separator: "-")
    }
}
