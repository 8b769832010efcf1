import Adapters
import Foundation
import Recipients
import TLSKit

/// Reads a directory of policies: `stopgate.yaml`, `providers/*.yaml`, `channels/*.yaml`.
public enum PolicyLoader {
    /// - Parameter directory: where `stopgate.yaml` is.
    /// - Returns: a ruleset, only when nothing at all is wrong.
    /// - Throws: every problem of every file.
    public static func load(directory: String) throws(PolicyProblems) -> Ruleset {
        let (ruleset, problems) = read(directory)
        guard let ruleset, problems.isEmpty else { throw PolicyProblems(problems) }
        return ruleset
    }

    /// Everything that is wrong with the policies in `directory`; empty when they can be loaded.
    public static func check(directory: String) -> [PolicyProblem] { read(directory).problems }

    private static func read(_ directory: String) -> (ruleset: Ruleset?, problems: [PolicyProblem]) {
        var problems: [PolicyProblem] = []
        var hashed: [UInt8] = []
        func open(_ name: String) -> YAMLFile? {
            let path = "\(directory)/\(name)"
            guard let data = FileManager.default.contents(atPath: path) else {
                problems.append(PolicyProblem(file: path, message: "the file cannot be read"))
                return nil
            }
            hashed += Array(name.utf8) + [0] + withBigEndianBytes(UInt64(data.count)) + data
            guard let text = String(validating: data, as: UTF8.self) else {
                problems.append(PolicyProblem(file: path, message: "the file is not UTF-8"))
                return nil
            }
            return YAMLFile(name: path, text: text)
        }

        var settings = Settings()
        let main = open("stopgate.yaml")
        if let main { settings = SettingsReader.read(main) }

        var adapters: [Adapter] = []
        var names: [String] = []
        for name in list(directory, "providers") {
            guard let file = open(name) else { continue }
            if let spec = AdapterReader.read(file) {
                names.append(spec.provider)
                do throws(AdapterProblem) {
                    let adapter = try Adapter(spec, options: options(spec.provider, settings))
                    adapters.append(adapter)
                    for problem in adapter.overlaps(spec) { report(problem, in: file) }
                } catch { report(error, in: file) }
            }
            problems += file.problems
        }
        var channels: [Channel: ChannelRules] = [:]
        for name in list(directory, "channels") {
            guard let file = open(name) else { continue }
            if let rules = ChannelReader.read(file) {
                if channels[rules.channel] != nil { file.report("another file describes \(rules.channel.name) already", at: "channel") }
                channels[rules.channel] = rules
            }
            problems += file.problems
        }
        if let main {
            checkNames(settings, names, main)
            problems.insert(contentsOf: main.problems, at: 0)
        }
        if adapters.isEmpty, problems.isEmpty {
            problems.append(PolicyProblem(file: "\(directory)/providers", message: "there is no provider to guard"))
        }
        do throws(AdapterProblem) {
            let routes = try RouteTable(adapters.filter { settings.providers.enables($0.provider) })
            let hash = MessageAuthentication.sha256(hashed)
            return (Ruleset(settings: settings, routes: routes, adapters: adapters, channels: channels, hash: hash), problems)
        } catch {
            problems.append(PolicyProblem(file: "\(directory)/providers/\(error.path).yaml", message: error.message))
            return (nil, problems)
        }
    }

    private static func report(_ problem: AdapterProblem, in file: YAMLFile) {
        let nearest = NearestWord.of(problem.word, among: problem.candidates).map { "did you mean '\($0)'?" }
        file.report("\(problem.path): \(problem.message)", at: problem.path, suggestion: nearest ?? problem.suggestion)
    }

    /// What the installation decides about one provider.
    private static func options(_ provider: String, _ settings: Settings) -> Adapter.Options {
        let override = settings.upstream.providers[provider]
        var options = Adapter.Options(
            origin: override?.origin, connect: override?.connect, monitored: settings.enforcement.monitored(provider: provider))
        let limits = settings.limits.inspection
        options.json.depth = UInt8(clamping: limits.jsonDepth)
        options.json.elements = limits.jsonElements
        options.json.stringBytes = limits.jsonStringSize
        options.json.keyBytes = limits.jsonKeySize
        options.json.numberBytes = limits.jsonNumberSize
        options.form.fields = limits.formFields
        options.form.nameBytes = limits.formNameSize
        options.form.valueBytes = limits.formValueSize
        options.recipientLimit = limits.recipients
        return options
    }

    /// Settings that name a provider no file describes protect nothing: they are mistakes.
    private static func checkNames(_ settings: Settings, _ names: [String], _ file: YAMLFile) {
        func check(_ name: String, _ path: String) {
            guard !names.contains(name) else { return }
            let nearest = NearestWord.of(name, among: names).map { "; did you mean '\($0)'?" } ?? ""
            file.report("\(path).\(name): no file in providers describes '\(name)'\(nearest)", at: "\(path).\(name)")
        }
        for (index, pattern) in (settings.providers.enabled ?? []).enumerated() where pattern.hasSuffix("*") {
            guard names.contains(where: { settings.providers.enables($0) && $0.hasPrefix(pattern.dropLast()) }) else {
                file.report("providers.enabled: no file in providers describes '\(pattern)'", at: "providers.enabled[\(index)]")
                continue
            }
        }
        for (index, name) in (settings.providers.enabled ?? []).enumerated() where !name.hasSuffix("*") && !names.contains(name) {
            let nearest = NearestWord.of(name, among: names).map { "; did you mean '\($0)'?" } ?? ""
            file.report("providers.enabled: no file in providers describes '\(name)'\(nearest)", at: "providers.enabled[\(index)]")
        }
        for name in settings.upstream.providers.keys.sorted() { check(name, "upstream.providers") }
        for name in settings.enforcement.providers.keys.sorted() { check(name, "enforcement.providers") }
    }

    /// The YAML files of a folder by name, in a stable order.
    private static func list(_ directory: String, _ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(folder)")) ?? []
        return names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
    }

    private static func withBigEndianBytes(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
    }
}
