import Hummingbird
import Ledger
import Lists
import Policy

/// An error as RFC 9457 writes it: what, where, and how to mend it.
struct Problem: HTTPResponseError {
    private struct Body: Encodable {
        let status: Int
        let title: String
        let detail: String
        let at: String?
    }

    let status: HTTPResponse.Status
    let title: String
    let detail: String
    /// The field or parameter that is wrong.
    let at: String?

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
        case let error as HTTPError: self.init(error.status, error.status.reasonPhrase, error.body ?? "see docs/operations.md for what the admin API takes")
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
        case let problems as PolicyProblems: self.init(.unprocessableContent, "the policies have mistakes", problems.description)
        case is WorkerBarrier.Timeout, is OptOutCommitter.Unenforceable: self.init(.serviceUnavailable, "not enforced", "\(error)")
        default: self.init(.internalServerError, "the call failed", "\(error)")
        }
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = try Answer.json(Body(status: status.code, title: title, detail: detail, at: at), status)
        response.headers[.contentType] = "application/problem+json"
        return response
    }
}
