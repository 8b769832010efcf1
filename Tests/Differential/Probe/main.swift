import Glibc

/// Judges sends for the differential harness. Reads cases from standard input and answers each on standard output, both with
/// a length in front (four bytes, the highest first), until the input ends:
///
///     case      endpoint, Content-Type, query (each: length in two bytes, bytes), body (the rest)
///     answer    a: allowed; s and the new body; r: rejected; x and why it was refused
///
/// Ends with 70 when its sends do not compile, with 65 on a case that is cut short or names none of them.
guard var judge = Judge() else { exit(70) }
while let message = Frames.read() {
    guard let answer = judge.answer(message) else { exit(65) }
    guard Frames.write(answer) else { exit(74) }
}
exit(0)
