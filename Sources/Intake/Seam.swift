enum Seam {}
