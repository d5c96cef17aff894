// The entry point of every test binary. doctest's summary line at the end carries the counts that
// scripts/test adds up.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
