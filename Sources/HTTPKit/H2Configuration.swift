import CNghttp2

/// What all HTTP/2 sessions of one worker share: callbacks, options, memory and scratch. Confined to the worker's thread.
public final class H2Configuration {
    /// Opens a stream for a new request: gets the session's context, returns the engine's stream, or `nil` to refuse.
    public typealias StreamOpener = @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?

    static let fieldCapacity = 256

    public let limits: H2Limits
    let opener: StreamOpener
    let memory = H2Memory()
    let callbacks: OpaquePointer
    let options: OpaquePointer
    let fields: UnsafeMutablePointer<nghttp2_nv>

    public init(limits: H2Limits, opener: @escaping StreamOpener) {
        self.limits = limits
        self.opener = opener
        fields = .allocate(capacity: Self.fieldCapacity)
        fields.initialize(repeating: nghttp2_nv(), count: Self.fieldCapacity)
        var pointer: OpaquePointer?
        precondition(nghttp2_option_new(&pointer) == 0, "nghttp2_option_new: out of memory")
        options = pointer.unsafelyUnwrapped
        precondition(nghttp2_session_callbacks_new(&pointer) == 0, "nghttp2_session_callbacks_new: out of memory")
        callbacks = pointer.unsafelyUnwrapped
        // Windows are credited by the engine against its budgets; closed streams are not worth remembering.
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_no_closed_streams(options, 1)
        // FieldRules and H2Session check messages, more strictly than nghttp2 would.
        nghttp2_option_set_no_http_messaging(options, 1)
        nghttp2_option_set_max_outbound_ack(options, limits.queuedAcknowledgements)
        nghttp2_option_set_max_settings(options, limits.settingsEntries)
        // nghttp2 ends the session without a word; behind ours, which says why.
        nghttp2_option_set_max_continuations(options, limits.continuations * 2)
        nghttp2_option_set_max_reserved_remote_streams(options, 0)
        // Ours is stricter and names its cause; nghttp2's own stays behind it.
        nghttp2_option_set_stream_reset_rate_limit(options, UInt64(limits.resetBurst * 2), UInt64(limits.resetsPerSecond * 2))
        H2Callbacks.install(on: callbacks)
    }

    deinit {
        nghttp2_session_callbacks_del(callbacks)
        nghttp2_option_del(options)
        fields.deallocate()
    }
}
