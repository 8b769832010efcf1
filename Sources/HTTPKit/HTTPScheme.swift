/// The scheme a request names: by `:scheme`, or by an absolute-form target. An origin-form request names none.
public enum HTTPScheme: UInt8, Sendable { case none, http, https }
