/// What `--version` prints and the metrics report.
enum Version {
    static let current = "0.1.0"
}
