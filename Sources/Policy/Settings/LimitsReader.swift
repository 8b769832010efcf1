/// Reads the section `limits` of `stopgate.yaml`.
enum LimitsReader {
    static func read(_ root: YAMLSection, _ limits: inout Limits) {
        guard let section = root.section("limits") else { return }
        section.set(&limits.tlsHandshakeTime, section.duration("tls_handshake_time"))
        section.set(&limits.headTime, section.duration("head_time"))
        section.set(&limits.bodyIdleTime, section.duration("body_idle_time"))
        section.set(&limits.bodyTime, section.duration("body_time"))
        section.set(&limits.bodyTimePerMiB, section.duration("body_time_per_mib"))
        section.set(&limits.bodyRate, section.size("body_rate"))
        section.set(&limits.keepAliveTime, section.duration("keep_alive_time"))
        section.set(&limits.connectionAge, section.duration("connection_age"))
        section.set(&limits.requestLineSize, section.size("request_line_size"))
        section.set(&limits.fieldSize, section.size("field_size"))
        section.set(&limits.fieldsSize, section.size("fields_size"))
        section.set(&limits.fieldCount, section.count("field_count"))
        section.set(&limits.chunkLineSize, section.size("chunk_line_size"))
        section.set(&limits.trailersSize, section.size("trailers_size"))
        section.set(&limits.trailerCount, section.count("trailer_count"))
        section.set(&limits.responseFieldsSize, section.size("response_fields_size"))
        section.set(&limits.responseFieldCount, section.count("response_field_count"))
        section.set(&limits.responseBuffer, section.size("response_buffer"))
        section.set(&limits.bufferedBodies, section.size("buffered_bodies"))
        section.set(&limits.connections, section.count("connections"))
        section.set(&limits.connectionsPerSource, section.count("connections_per_source"))
        section.set(&limits.newConnectionsPerSource, section.count("new_connections_per_source"))
        section.set(&limits.requestsPerConnection, section.count("requests_per_connection"))
        http2(section, &limits.http2)
        inspection(section, &limits.inspection)
        section.finish()
    }

    private static func http2(_ parent: YAMLSection, _ limits: inout HTTP2Limits) {
        guard let section = parent.section("http2") else { return }
        section.set(&limits.concurrentStreams, section.count("concurrent_streams"))
        section.set(&limits.streamWindow, section.size("stream_window"))
        section.set(&limits.connectionWindow, section.size("connection_window"))
        section.set(&limits.headerListSize, section.size("header_list_size"))
        section.set(&limits.continuationFrames, section.count("continuation_frames"))
        section.set(&limits.resetBurst, section.count("reset_burst"))
        section.set(&limits.resetRate, section.count("reset_rate"))
        section.set(&limits.glitchBurst, section.count("glitch_burst"))
        section.set(&limits.glitchRate, section.count("glitch_rate"))
        section.set(&limits.settingsFrames, section.count("settings_frames"))
        section.set(&limits.settingsEntries, section.count("settings_entries"))
        section.set(&limits.pingFramesIdle, section.count("ping_frames_idle"))
        section.set(&limits.pingFrames, section.count("ping_frames"))
        section.set(&limits.queuedAnswers, section.count("queued_answers"))
        section.set(&limits.streamsPerConnection, section.count("streams_per_connection"))
        section.set(&limits.stalledStreamTime, section.duration("stalled_stream_time"))
        section.set(&limits.stalledConnectionTime, section.duration("stalled_connection_time"))
        section.set(&limits.framesPerTurn, section.count("frames_per_turn"))
        section.set(&limits.requestsPerTurn, section.count("requests_per_turn"))
        section.finish()
    }

    private static func inspection(_ parent: YAMLSection, _ limits: inout InspectionLimits) {
        guard let section = parent.section("inspection") else { return }
        section.set(&limits.gzipRatio, section.count("gzip_ratio"))
        section.set(&limits.jsonDepth, section.integer("json_depth", in: 1...255))
        section.set(&limits.jsonElements, section.count("json_elements"))
        section.set(&limits.jsonStringSize, section.size("json_string_size"))
        section.set(&limits.jsonKeySize, section.size("json_key_size"))
        section.set(&limits.jsonNumberSize, section.size("json_number_size"))
        section.set(&limits.formFields, section.count("form_fields"))
        section.set(&limits.formNameSize, section.size("form_name_size"))
        section.set(&limits.formValueSize, section.size("form_value_size"))
        section.set(&limits.recipients, section.count("recipients"))
        section.finish()
    }
}

extension YAMLSection {
    /// A whole number of things, from 1 to a million.
    fileprivate func count(_ key: String) -> Int? { integer(key, in: 1...1_000_000) }
}
