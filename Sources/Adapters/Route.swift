/// Where a request goes.
public enum Route: Sendable {
    /// A send: its body is read, judged, and perhaps rewritten.
    case send(Adapter, Endpoint)
    /// Not a send: it streams through unread. `takesBody` is false for reads: a read with a body is refused with
    /// ``Refusal/unmatchedRequest``, because a provider might act on the body.
    case pass(Adapter, takesBody: Bool)
    /// Calls that a form field tells apart share the path: take the body, up to so many bytes, and ask
    /// ``Adapter/decide(method:path:query:answer:)`` again.
    case ask(Adapter, bodyLimit: Int)
    /// Does not go on. The adapter gives the dialect; without one ``NativeErrors/generic`` speaks.
    case refuse(Refusal, Adapter?)
}
