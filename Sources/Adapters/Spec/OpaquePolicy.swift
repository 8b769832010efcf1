/// What becomes of something Stopgate cannot judge or the provider's own net would miss: an id only the provider
/// understands, a call that undoes an opt-out, a send for later.
public enum OpaquePolicy: String, Sendable, CaseIterable { case allow, reject }
