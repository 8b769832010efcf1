/// How forms spell what an adapter's file writes as JSON paths, for calls that a provider takes in either: members stand in
/// brackets, `to.address_line1` as `to[address_line1]`, and every item of a list has the list's name with empty brackets behind
/// it, `recipients[*]` as `recipients[]`.
enum FormSpelling {
    /// Whether the endpoint's places are JSON paths that forms spell in their own way.
    static func isNeeded(_ endpoint: EndpointSpec) -> Bool {
        endpoint.formats.contains(.json) && endpoint.formats.contains { $0 == .form || $0 == .multipart }
    }

    /// The endpoint as its forms are read: the same one unless ``isNeeded(_:)``.
    /// - Throws: at a place that forms have no spelling for.
    static func inForms(_ endpoint: EndpointSpec) throws(AdapterProblem) -> EndpointSpec {
        guard isNeeded(endpoint) else { return endpoint }
        var spec = endpoint
        for index in spec.recipients.indices where spec.recipients[index].location == .body {
            let at = spec.recipients[index].at
            spec.recipients[index].at = try place(at, "recipients[\(index)].at")
            if isList(at) { spec.recipients[index].repeats = true }
        }
        for index in spec.data.indices { spec.data[index] = try place(spec.data[index], "data[\(index)]") }
        for index in spec.overrides.indices { spec.overrides[index].at = try name(spec.overrides[index].at, "overrides[\(index)].at") }
        if var scheduled = spec.scheduled {
            for index in scheduled.at.indices { scheduled.at[index] = try name(scheduled.at[index], "scheduled.at[\(index)]") }
            spec.scheduled = scheduled
        }
        for index in spec.strip.indices { spec.strip[index] = try strip(spec.strip[index], "strip[\(index)]") }
        return spec
    }

    /// The field's name for a JSON path.
    static func name(_ place: String, _ path: String) throws(AdapterProblem) -> String {
        var name = ""
        let steps = try FieldPath(place, path: path).steps
        for (index, step) in steps.enumerated() {
            switch step {
            case .member(let member): name += name.isEmpty ? member : "[\(member)]"
            case .items where index == steps.count - 1 && !name.isEmpty: name += "[]"
            case .items, .anyMember, .recipient:
                throw AdapterProblem(
                    path, "'\(place)' has no one spelling in forms, and body names one beside json",
                    suggestion: "write members and at most [*] at the end, or take the form out of body")
            }
        }
        return name
    }

    private static func strip(_ written: StripSpec, _ path: String) throws(AdapterProblem) -> StripSpec {
        var spec = written
        spec.remove = try place(written.remove, "\(path).remove")
        // The items of a list are its fields: with the last of them the list is gone.
        if case .remove(let text) = written.whenEmpty {
            let isOwn = isList(written.remove) && text == written.remove.dropLast(3)
            spec.whenEmpty = .remove(isOwn ? spec.remove : try place(text, "\(path).when_empty"))
        }
        for index in spec.aligned.indices { spec.aligned[index] = try name(spec.aligned[index], "\(path).aligned[\(index)]") }
        return spec
    }

    /// The same for a place with decoders behind it.
    private static func place(_ text: String, _ path: String) throws(AdapterProblem) -> String {
        guard let bar = text.firstIndex(of: "|") else { return try name(text, path) }
        var base = text[..<bar]
        while base.last == " " { base.removeLast() }
        return "\(try name(String(base), path)) \(text[bar...])"
    }

    private static func isList(_ place: String) -> Bool { place.hasSuffix("[*]") }
}
