import Foundation

/// Runs one step on all threads and samples the watched processes meanwhile.
struct StepRunner {
    private let step: Step
    private let target: Target
    private let requests: [PreparedRequest]
    private let threads: Int
    private let watched: [WatchedProcess]
    private let progress: Progress
    private let expectsResets: Bool

    init(_ step: Step, target: Target, requests: [PreparedRequest], threads: Int, watched: [WatchedProcess], progress: Progress, expectsResets: Bool) {
        self.expectsResets = expectsResets
        self.step = step
        self.target = target
        self.requests = requests
        self.threads = threads
        self.watched = watched
        self.progress = progress
    }

    func run() throws -> StepResult {
        var step = step
        // Each thread has its share.
        step.connections = max(1, step.connections / threads)
        step.idle /= threads
        let shared = StepState(threads: threads)
        var running: [WorkerThread] = []
        for index in 0..<threads {
            let worker = try LoadWorker(index: index, step: step, target: target, requests: requests, shared: shared, expectsResets: expectsResets)
            running.append(WorkerThread(worker))
        }
        for thread in running { thread.start() }
        while !shared.hasBegun { usleep(1000) }
        usleep(UInt32(step.warmUp * 1e6))
        let before = watched.map { $0.sample() }
        let generatorBefore = WatchedProcess.own.sample()
        let begin = Clock.now()
        var samples: [[[Double]]] = watched.map { _ in [] }
        // Listing thousands of descriptors costs time that the generator would lack.
        let sampleEvery = max(0.5, step.seconds / 300)
        var nextSample = 0.0
        var lastCount = 0
        while !running.allSatisfy(\.isDone), Double(Clock.now() - begin) < step.seconds * 1e9, !shared.isOver {
            usleep(200_000)
            let elapsed = Double(Clock.now() - begin) / 1e9
            if elapsed >= nextSample {
                for (index, process) in watched.enumerated() { samples[index].append(process.sample().row(elapsed)) }
                nextSample += sampleEvery
            }
            let answered = shared.answeredSoFar
            progress.update(
                name: self.step.name, seconds: Double(Clock.now() - begin) / 1e9, of: step.seconds, rate: Double(answered - lastCount) * 5,
                waiting: shared.sentSoFar - answered)
            lastCount = answered
        }
        let elapsed = Double(Clock.now() - begin) / 1e9
        let after = watched.map { $0.sample() }
        let generatorAfter = WatchedProcess.own.sample()
        shared.end()
        for thread in running { thread.wait() }
        progress.clear()
        var tally = Tally()
        for thread in running { tally.merge(thread.tally) }
        let processes = zip(watched.indices, watched).map { index, process in
            ProcessResult(
                name: process.name, cpuSeconds: after[index].cpuSeconds - before[index].cpuSeconds, residentBefore: before[index].residentBytes,
                residentPeak: Int(samples[index].map { $0[1] }.max() ?? Double(after[index].residentBytes)), residentAfter: after[index].residentBytes,
                descriptors: after[index].descriptors, threads: after[index].threads,
                samples: samples[index])
        }
        let result = StepResult(
            step: self.step, tally: tally, seconds: elapsed, generatorCPU: generatorAfter.cpuSeconds - generatorBefore.cpuSeconds, processes: processes)
        progress.line(result.summary)
        return result
    }
}
