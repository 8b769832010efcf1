/// What the screening of sends keeps with a request.
struct ScreeningState {
    mutating func reset() {}
}
