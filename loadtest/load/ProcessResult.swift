/// What a watched process spent during a step.
struct ProcessResult: Codable {
    var name: String
    var cpuSeconds: Double
    var residentBefore, residentPeak, residentAfter: Int
    var descriptors, threads: Int
    /// In the course of the step: seconds, resident bytes, descriptors, threads; at most some 300.
    var samples: [[Double]]
    /// Microseconds.
    var cpuPerAnswer: Double?

    func per(_ answers: Double) -> ProcessResult {
        var copy = self
        copy.cpuPerAnswer = cpuSeconds / answers * 1e6
        return copy
    }
}
