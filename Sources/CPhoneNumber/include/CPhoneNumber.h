// A C face over Google's libphonenumber (C++).
#pragma once
#include <stddef.h>
