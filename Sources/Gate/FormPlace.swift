import Adapters

/// Where in a form a recipient stands, for what becomes of it later.
struct FormPlace {
    /// The field of the body or query; -1 when it stands elsewhere.
    var field = -1
    /// What fills the holes in the field's name.
    var numbers = FormPattern.Numbers()
    /// Which recipient of its text it is; -1 when the text is one.
    var part = -1
}
