import Bytes
import CNghttp2
import Glibc

/// nghttp2's callbacks. Each records what happened on the session or the stream and returns; none acts.
enum H2Callbacks {
    static func install(on callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, context in
            session(context) { $0.frameBegins(header.unsafelyUnwrapped.pointee) }
        }
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { handle, frame, context in
            session(context) { $0.headersBegin(handle, frame.unsafelyUnwrapped) }
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) { handle, frame, name, nameCount, value, valueCount, _, context in
            session(context) {
                $0.field(
                    frame.unsafelyUnwrapped.pointee.hd.stream_id,
                    UnsafeBufferPointer(start: name, count: nameCount),
                    UnsafeBufferPointer(start: value, count: valueCount))
            }
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, data, count, context in
            session(context) { $0.data(id, UnsafeBufferPointer(start: data, count: count)) }
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            session(context) { $0.frameReceived(frame.unsafelyUnwrapped) }
        }
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, _, _, context in
            session(context) { $0.glitch() }
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
            session(context) { $0.frameSent(frame.unsafelyUnwrapped) }
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, context in
            session(context) { $0.streamClosed(id, code) }
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, header, count, source, context in
            session(context) {
                $0.writeData(frame.unsafelyUnwrapped, header.unsafelyUnwrapped, count, source.unsafelyUnwrapped)
            }
        }
    }

    /// Body bytes for nghttp2: says how many there are; `writeData` then copies them straight into the output.
    static let readBody: nghttp2_data_source_read_callback = { _, _, _, capacity, flags, source, _ in
        let stream = source.unsafelyUnwrapped.pointee.ptr.assumingMemoryBound(to: H2Stream.self)
        let available = stream.pointee.outgoing?.pointee.count ?? 0
        if available == 0 && !stream.pointee.outgoingEnded {
            stream.pointee.deferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        let count = min(available, capacity)
        let ends = count == available && stream.pointee.outgoingEnded
        flags.unsafelyUnwrapped.pointee = NGHTTP2_DATA_FLAG_NO_COPY.rawValue | (ends ? NGHTTP2_DATA_FLAG_EOF.rawValue : 0)
        return count
    }
}

/// The session behind nghttp2's context pointer, without a retain: the session outlives every callback, because its
/// `deinit` is what ends them.
@inline(__always)
private func session(_ context: UnsafeMutableRawPointer?, _ body: (H2Session) -> Int32) -> Int32 {
    Unmanaged<H2Session>.fromOpaque(context.unsafelyUnwrapped)._withUnsafeGuaranteedRef(body)
}
