import Foundation
import Lists
import Recipients
import Suppression

// Changes an installation until it is killed, and says on standard output what it begins and what has ended.
//
//   ListsCrashWriter lists DIRECTORY FIRST       loads DIRECTORY/0.csv, 1.csv, 2.csv in turn as the list `l`: `begin N`, `done N`
//   ListsCrashWriter compaction DIRECTORY FIRST  suppresses number after number and compacts: `compacted POSITION`
//   ListsCrashWriter rotation DIRECTORY 0        moves to a new secret again and again: `done N`
//   ListsCrashWriter full DIRECTORY BYTES        loads 1.csv where no file may grow past BYTES: `refused` or `loaded`
let arguments = CommandLine.arguments
let directory = arguments[2], first = Int(arguments[3]) ?? 0
let paths = SecretRotation.Paths(
    secretFile: directory + "/secret", indexDirectory: directory + "/index", listsDirectory: directory + "/lists",
    workDirectory: directory + "/rotation")
let options = ListOptions(kind: .phone, channels: .phoneMessages, reason: "dnc")

func say(_ text: String) throws { try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8)) }

func checkValue(_ secret: DigestSecret) -> UInt64 {
    RecipientKey(kind: .external, normalised: Array("crash test".utf8).span, secret: secret).low
}

func open() throws -> (secret: DigestSecret, index: SuppressionIndex, lists: ListStore) {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: paths.secretFile)))
    guard let secret = DigestSecret(bytes) else { throw CocoaError(.fileReadCorruptFile) }
    let index = try SuppressionIndex(directory: paths.indexDirectory, secretID: checkValue(secret))
    let lists = try ListStore(directory: paths.listsDirectory, index: index, secret: secret, rules: .standard)
    try lists.reconcile()
    index.markReady()
    return (secret, index, lists)
}

func eventKey(_ i: Int, _ secret: DigestSecret) throws -> RecipientKey {
    try CanonicalIdentifier(parsing: "+1646\(2_000_000 + i)", rules: .standard).keys(secret: secret)[0]
}

switch arguments[1] {
case "lists":
    let lists = try open().lists
    var number = first
    while true {
        try say("begin \(number)")
        try lists.load("l", file: "\(directory)/\(number % 3).csv", options: options)
        try say("done \(number)")
        number += 1
    }
case "compaction":
    let (secret, index, _) = try open()
    var number = Int(index.ledgerPosition) + 1
    while true {
        for _ in 0..<100 {
            try index.insert(eventKey(number, secret), ChannelSet(.voice), ledgerPosition: UInt64(number))
            number += 1
        }
        try index.compact()
        try say("compacted \(number - 1)")
    }
case "rotation":
    var number = first
    while true {
        do {
            let (_, _, lists) = try open()
            try say("begin \(number)")
            try SecretRotation.prepare(paths, secret: SecretRotation.NewSecret(checkValue: checkValue), lists: lists, rules: .standard, events: { secret, rebuild in
                for i in 1...500 { try rebuild.add(eventKey(i, secret), ChannelSet(.voice), source: .event) }
                return 500
            })
        }
        guard try SecretRotation.complete(paths) == .completed else { throw CocoaError(.fileReadUnknown) }
        try say("done \(number)")
        number += 1
    }
case "full":
    signal(SIGXFSZ, SIG_IGN)
    let lists = try open().lists
    var limit = rlimit(rlim_cur: UInt(first), rlim_max: UInt(first))
    guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { throw CocoaError(.fileWriteUnknown) }
    do {
        try lists.load("l", file: directory + "/1.csv", options: options)
        try say("loaded")
    } catch {
        try say("refused \(error)")
    }
default:
    try say("unknown mode")
    exit(64)
}
