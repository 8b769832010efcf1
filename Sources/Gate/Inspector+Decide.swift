import Adapters
import Bytes
import Recipients

extension Inspector {
    /// Turns what is suppressed into a verdict, and every recipient's fate.
    @usableFromInline
    mutating func decide() -> Verdict {
        guard let endpoint else { return .refuse(.internalFault) }
        detail.reset()
        var isMonitoring = false
        for index in findings.indices where findings[index].fate != .opaque {
            let suppressed = findings[index].suppressedOn
            if suppressed.isEmpty {
                findings[index].fate = .allowed
            } else if suppressed.isSubset(of: endpoint.monitored) {
                findings[index].fate = .wouldBlock
                isMonitoring = true
            } else {
                findings[index].fate = .blocked
            }
        }
        unmonitoredVerdict = isMonitoring ? outcome(endpoint, includingMonitored: true) : .allow
        let verdict = outcome(endpoint, includingMonitored: false)
        if !isMonitoring { unmonitoredVerdict = verdict }
        return verdict
    }

    /// - Parameter includingMonitored: judges as if monitored channels were enforced; changes no fate.
    private mutating func outcome(_ endpoint: Endpoint, includingMonitored: Bool) -> Verdict {
        if !cuts.isEmpty { cuts.removeAll(keepingCapacity: true) }
        formCuts.removeAll()
        var blocked = 0
        for finding in findings where isBlocked(finding, includingMonitored) { blocked += 1 }
        guard blocked > 0 else { return suspectVerdict() ?? .allow }
        guard endpoint.mode == .fanout, !isSigned, cutBlocked(includingMonitored) else {
            if !includingMonitored { dropAll() }
            return .reject
        }
        var isAnybodyLeft = false
        for index in findings.indices where !isBlocked(findings[index], includingMonitored) {
            if isGone(findings[index]) {
                if !includingMonitored, findings[index].fate != .opaque { findings[index].fate = .dropped }
            } else if !findings[index].isMention {
                isAnybodyLeft = true
            }
        }
        guard isAnybodyLeft else { return .reject }
        if let verdict = suspectVerdict() { return verdict }
        return .strip
    }

    private func isBlocked(_ finding: RecipientFinding, _ includingMonitored: Bool) -> Bool {
        finding.fate == .blocked || includingMonitored && finding.fate == .wouldBlock
    }

    /// Whether the finding, or something around it, is taken out.
    private mutating func isGone(_ finding: RecipientFinding) -> Bool {
        if case .json = format { return isInsideCut(finding.node) }
        guard let endpoint, let form = endpoint.form else { return false }
        return formCuts.holds(finding, form.strip)
    }

    /// Collects what goes with the blocked findings.
    /// - Returns: false when nothing would be left to send.
    private mutating func cutBlocked(_ includingMonitored: Bool) -> Bool {
        switch format {
        case .json: break
        case .form, .multipart:
            guard let endpoint, let form = endpoint.form else { return false }
            // A part must be left, and only who stands in one is known to leave it.
            if format == .multipart { for finding in findings where finding.source != .body { return false } }
            return formCuts.collect(findings, &nests, endpoint, form.strip, includingMonitored: includingMonitored)
        case .mime: return cutFromNests(includingMonitored)
        case .none: return false
        }
        isCut.removeAll(keepingCapacity: true)
        isCut.append(contentsOf: repeatElement(false, count: json.count))
        live.removeAll(keepingCapacity: true)
        for list in lists { live.append(list.live) }
        for piece in pieces.indices { pieces[piece].isCut = false }
        for index in nests.indices { nests[index].left = nests[index].count }
        for finding in findings where isBlocked(finding, includingMonitored) {
            if finding.leavesNest {
                guard shrinkNest(finding) else { return false }
                continue
            }
            if finding.piece >= 0 {
                pieces[finding.piece].isCut = true
            } else {
                guard finding.dropped > 0 else { return false }
                if isCut[finding.dropped] { continue }
                isCut[finding.dropped] = true
                cuts.append(finding.dropped)
            }
            guard shrink(finding.list) else { return false }
        }
        cutKeyed(includingMonitored)
        return true
    }

    /// Takes out the members whose key names somebody who was taken out and is nowhere else.
    private mutating func cutKeyed(_ includingMonitored: Bool) {
        guard suspects.contains(where: { $0.isKeyed }) else { return }
        gone.removeAll(keepingCapacity: true)
        for finding in findings where isBlocked(finding, includingMonitored) {
            for key in finding.keys { gone.insert(keys[key]) }
        }
        for finding in findings where !isBlocked(finding, includingMonitored) && !isInsideCut(finding.node) {
            for key in finding.keys { gone.remove(keys[key]) }
        }
        for suspect in suspects where suspect.isKeyed && !isInsideCut(suspect.node) {
            guard suspect.keys.contains(where: { gone.contains(keys[$0]) }) else { continue }
            isCut[suspect.node] = true
            cuts.append(suspect.node)
        }
    }

    /// The same for a body that is one text with others inside.
    private mutating func cutFromNests(_ includingMonitored: Bool) -> Bool {
        for index in nests.indices { nests[index].left = nests[index].count }
        for finding in findings where isBlocked(finding, includingMonitored) {
            guard shrinkNest(finding) else { return false }
        }
        return true
    }

    /// Takes one item out of `list`, and what goes when it was the last one.
    /// - Returns: false when nothing would be left to send.
    private mutating func shrink(_ list: Int) -> Bool {
        var list = list
        while list >= 0 {
            live[list] -= 1
            guard live[list] == 0 else { return true }
            switch lists[list].whenEmpty {
            case .reject: return false
            case .keep: return true
            case .remove(let node, let around):
                guard node > 0 else { return false }
                if isCut[node] { return true }
                isCut[node] = true
                cuts.append(node)
                list = around
            }
        }
        return true
    }

    /// Whether the node, or something around it, is taken out.
    func isInsideCut(_ node: Int) -> Bool {
        guard node >= 0, !cuts.isEmpty else { return false }
        var node = node
        while node > 0 {
            if isCut[node] { return true }
            node = Int(json[node].parent)
        }
        return false
    }

    /// Everybody who was not blocked goes with those who were.
    private mutating func dropAll() {
        for index in findings.indices where findings[index].fate == .allowed { findings[index].fate = .dropped }
    }

    /// Refuses when a suppressed identifier stands in an unknown place that would go on.
    private mutating func suspectVerdict() -> Verdict? {
        for suspect in suspects where suspect.isSuppressed && !suspect.isKeyed && !isInsideCut(suspect.node) {
            if suspect.finding >= 0, findings[suspect.finding].fate == .blocked, findings[suspect.finding].leavesNest { continue }
            if let item = suspect.item, let form = endpoint?.form, formCuts.holds(item, form.strip) { continue }
            return .refuse(.suppressedElsewhere)
        }
        return nil
    }
}
