import CLibFuzzer
import FuzzHarness
import Glibc

// Runs one target under libFuzzer; arguments are libFuzzer's. The target comes by environment because libFuzzer starts itself
// anew for -merge and -jobs and hands on nothing but its own arguments.
let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
guard let chosen = FuzzTarget(rawValue: name) else {
    print(FuzzTarget.allCases.map(\.rawValue).joined(separator: "\n"))
    // Asked for by scripts without a name; a name that is none is a mistake.
    exit(name.isEmpty ? 0 : 2)
}

/// A global, which the callback may use: it can capture nothing.
let target = chosen

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let code = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    do { try target.run(UnsafeBufferPointer(start: data, count: size)) } catch { fatalError("\(target.rawValue): \(error)") }
    return 0
}
exit(code)
