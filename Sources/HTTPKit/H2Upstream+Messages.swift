import Bytes

/// Answers: heads, bodies and trailers (RFC 9113 section 8).
extension H2Upstream {
    /// Decodes a whole field section, also one of a stream that is gone: the tables of both sides must stay the same.
    func fieldSection(_ id: Int32, _ block: UnsafeBufferPointer<UInt8>, endsStream: Bool) {
        var stream = live(id)
        if let closed = stream, closed.pointee.incomingEnded {
            breakOff(closed, .streamClosed)
            stream = nil
        }
        stream?.pointee.fieldBytes = 0
        do {
            try decoder.decode(block) { field in
                if let stream { take(field, stream) }
            }
        } catch {
            return fail(.compressionError)
        }
        guard let stream, stream.pointee.upstream.place != .closing, !isTerminated else { return }
        if !stream.pointee.headSeen {
            headReceived(stream, endsStream: endsStream)
        } else if endsStream {
            messageEnded(stream)
        } else {
            // Only trailers can come behind the head, and they end the message.
            breakOff(stream)
        }
    }

    @inline(__always)
    private func take(_ field: HPACKField, _ stream: UnsafeMutablePointer<H2Stream>) {
        if stream.pointee.headSeen {
            if FieldRules.checkTrailer(name: field.name, value: field.value) != nil { breakOff(stream) }
            return
        }
        stream.pointee.fieldBytes += field.name.count + field.value.count + 32
        if stream.pointee.fieldBytes > limits.headerListSize {
            // Decoding has to go on, or the compression state is lost; storing does not.
            stream.pointee.fault = .fieldsTooLarge
            if stream.pointee.fieldBytes > 2 * limits.headerListSize { flood(.headerList) }
            return
        }
        guard let response = stream.pointee.response else { return }
        // The first fault counts.
        if let fault = FieldRules.append(field, to: &response.pointee), stream.pointee.fault == nil { stream.pointee.fault = fault }
    }

    private func headReceived(_ stream: UnsafeMutablePointer<H2Stream>, endsStream: Bool) {
        if let response = stream.pointee.response {
            let status = response.pointee.status
            // An informational response is not the answer: forget it and wait for the real head.
            if (100..<200).contains(status), status != 101, stream.pointee.fault == nil {
                guard !endsStream else { return breakOff(stream) }
                response.pointee.reset()
                return
            }
            let hasNoBody = stream.pointee.answersHead || status == 204 || status == 304
            stream.pointee.announced = hasNoBody ? 0 : response.pointee.fields.announced
        }
        if endsStream {
            stream.pointee.incomingEnded = true
            if stream.pointee.announced > 0, stream.pointee.fault == nil { stream.pointee.fault = .contentLength }
        }
        stream.pointee.headSeen = true
        events.append(.head(stream))
        if endsStream { ended(stream) }
    }

    func data(_ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard let stream = live(id) else {
            // The stream is gone; its bytes still count against the connection's window.
            return creditConnection(bytes.count)
        }
        stream.pointee.received += bytes.count
        if !stream.pointee.headSeen || stream.pointee.announced >= 0 && stream.pointee.received > stream.pointee.announced {
            breakOff(stream)
            return creditConnection(bytes.count)
        }
        guard let incoming = stream.pointee.incoming else { return creditConnection(bytes.count) }
        incoming.pointee.append(bytes)
        events.append(.data(stream, count: bytes.count))
    }

    /// The answer is complete: its body must be as long as its head said (section 8.1.1).
    func messageEnded(_ stream: UnsafeMutablePointer<H2Stream>) {
        guard stream.pointee.headSeen, stream.pointee.announced < 0 || stream.pointee.announced == stream.pointee.received else {
            return breakOff(stream)
        }
        stream.pointee.incomingEnded = true
        ended(stream)
    }

    private func ended(_ stream: UnsafeMutablePointer<H2Stream>) {
        events.append(.end(stream))
        if !stream.pointee.upstream.sends { close(stream, H2ErrorCode.noError.rawValue, isUnsent: false) }
    }
}
