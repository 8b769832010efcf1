import Foundation
import FuzzHarness
import Testing

/// Every kept input through every harness, without libFuzzer: seeds and old crashes stay what they are.
@Suite struct FuzzReplayTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private static func inputs(_ kind: String, _ target: FuzzTarget) -> [URL] {
        let path = folder.appendingPathComponent(kind).appendingPathComponent(target.rawValue)
        let files = (try? FileManager.default.contentsOfDirectory(at: path, includingPropertiesForKeys: nil)) ?? []
        return files.sorted { $0.path < $1.path }
    }

    @Test(arguments: FuzzTarget.allCases) func keptInputsPass(target: FuzzTarget) throws {
        let seeds = Self.inputs("Corpus", target)
        #expect(!seeds.isEmpty, "no seeds for \(target.rawValue)")
        for file in seeds + Self.inputs("Crashes", target) { try run(target, Array(Data(contentsOf: file)), file.lastPathComponent) }
    }

    /// Cut short at every place that is near enough, seeds say something too.
    @Test(arguments: FuzzTarget.allCases) func seedsCutShortPass(target: FuzzTarget) throws {
        for file in Self.inputs("Corpus", target) {
            let bytes = Array(try Data(contentsOf: file))
            for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
                run(target, Array(bytes[..<count]), "\(count) bytes of \(file.lastPathComponent)")
            }
        }
    }

    private func run(_ target: FuzzTarget, _ bytes: [UInt8], _ name: String) {
        do { try bytes.withUnsafeBufferPointer { try target.run($0) } } catch { Issue.record("\(target.rawValue), \(name): \(error)") }
    }
}
