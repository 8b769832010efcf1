import Glibc
import Policy
import Recipients

/// Repeats one step of the gate and prints nothing, so that `valgrind --tool=callgrind` counts the step alone: the difference
/// of two runs divided by the difference of their repetitions. See loadtest/results/inspect.md.
///
///     InspectBench route|form|mail|digits REPETITIONS [BYTES] [POLICIES]
///
/// Or times the scanners alone, for compare.py, which reads the same files with other parsers:
///
///     InspectBench bodies FOLDER            writes KIND-BYTES files
///     InspectBench scan KIND FILE           prints seconds for one scan
///     InspectBench hostile BYTES            prints name, scanner, seconds at BYTES and at twice as many
let arguments = CommandLine.arguments
let mode = arguments.count > 1 ? arguments[1] : ""
if ["bodies", "scan", "hostile"].contains(mode) { exit(ScanCommands.run(Array(arguments.dropFirst()))) }
let repetitions = arguments.count > 2 ? Int(arguments[2]) : nil
let size = arguments.count > 3 ? Int(arguments[3]) : 0
let ruleset = try PolicyLoader.load(directory: arguments.count > 4 ? arguments[4] : "policies")

guard let repetitions, let size, let steps = Steps(routes: ruleset.routes) else { exit(64) }
let isAsExpected =
    switch mode {
    case "route": steps.route(repetitions)
    case "form": steps.form(repetitions, body: Sample.form)
    case "digits": steps.form(repetitions, body: Sample.digits)
    case "mail": steps.mail(repetitions, body: Sample.mail(bytes: size))
    default: false
    }
exit(isAsExpected ? 0 : 1)
