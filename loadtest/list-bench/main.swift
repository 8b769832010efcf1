import Foundation
import Ledger
import Lists
import Recipients
import Suppression

let usage = """
    usage: ListBench make SHAPE ROWS FILE          writes a list; SHAPE: dnc (10 digits), ftc (area,number), plus (+E.164), crm (quoted
                                                   columns), mail
           ListBench load SHAPE FILE DIRECTORY THREADS   loads it, into an index in DIRECTORY, which is emptied first
           ListBench import ROWS DIRECTORY         imports ROWS opt-outs into a new ledger, and again, CSV and NDJSON
    """
let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch (arguments.first, arguments.count) {
    case ("make", 4): try makeList(shape: arguments[1], rows: Int(arguments[2]) ?? 0, path: arguments[3])
    case ("load", 5): try loadList(shape: arguments[1], path: arguments[2], directory: arguments[3], threads: Int(arguments[4]) ?? 1)
    case ("import", 3): try importEvents(rows: Int(arguments[1]) ?? 0, directory: arguments[2])
    default:
        print(usage)
        exit(64)
    }
} catch {
    print("failed: \(error)")
    exit(1)
}
