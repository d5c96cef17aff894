#pragma once

/// Preprocessor loops behind the declaration macros (events, messages, configuration tables).
///
///   BEAMLINE_FOR_EACH(M, a, b, c)       ->  M(a) M(b) M(c)
///   BEAMLINE_FOR_EACH_LIST(M, a, b, c)  ->  M(a), M(b), M(c)
///   BEAMLINE_FOR_EACH_WITH(M, x, a, b)  ->  M(x, a) M(x, b)
///   BEAMLINE_ARG_COUNT(a, b, c)         ->  3
///
/// All of them take 0 to 24 arguments after the fixed ones; with 25 to 32 the expansion names
/// `BEAMLINE_FOR_EACH_takes_at_most_24_arguments`, so that the compiler's message says what is wrong.
/// A loop cannot be used inside the macro it is given.

#define BEAMLINE_FOR_EACH(macro, ...)                                                                                  \
  BEAMLINE_FE_CAT_(BEAMLINE_FE_, BEAMLINE_ARG_COUNT(__VA_ARGS__))                                                      \
  (BEAMLINE_FE_CALL_, macro, BEAMLINE_FE_NONE_, __VA_ARGS__)

#define BEAMLINE_FOR_EACH_LIST(macro, ...)                                                                             \
  BEAMLINE_FE_CAT_(BEAMLINE_FE_, BEAMLINE_ARG_COUNT(__VA_ARGS__))                                                      \
  (BEAMLINE_FE_CALL_, macro, BEAMLINE_FE_COMMA_, __VA_ARGS__)

#define BEAMLINE_FOR_EACH_WITH(macro, extra, ...)                                                                      \
  BEAMLINE_FE_CAT_(BEAMLINE_FE_, BEAMLINE_ARG_COUNT(__VA_ARGS__))                                                      \
  (BEAMLINE_FE_CALL_WITH_, (macro, extra), BEAMLINE_FE_NONE_, __VA_ARGS__)

#define BEAMLINE_ARG_COUNT(...)                                                                                        \
  BEAMLINE_FE_PICK_(__VA_ARGS__ __VA_OPT__(, ) TOO_MANY_, TOO_MANY_, TOO_MANY_, TOO_MANY_, TOO_MANY_, TOO_MANY_,       \
                    TOO_MANY_, TOO_MANY_, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5,   \
                    4, 3, 2, 1, 0, )

// Everything below is how it is done; nothing outside this file names it.
// clang-format off
#define BEAMLINE_FE_PICK_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, count, ...) count
#define BEAMLINE_FE_CAT_(a, b) BEAMLINE_FE_CAT2_(a, b)
#define BEAMLINE_FE_CAT2_(a, b) a##b
#define BEAMLINE_FE_NONE_()
#define BEAMLINE_FE_COMMA_() ,
#define BEAMLINE_FE_CALL_(macro, x) macro(x)
#define BEAMLINE_FE_CALL_WITH_(macro_and_extra, x) BEAMLINE_FE_CALL_WITH2_(BEAMLINE_FE_UNWRAP_ macro_and_extra, x)
#define BEAMLINE_FE_CALL_WITH2_(...) BEAMLINE_FE_CALL_WITH3_(__VA_ARGS__)
#define BEAMLINE_FE_CALL_WITH3_(macro, extra, x) macro(extra, x)
#define BEAMLINE_FE_UNWRAP_(...) __VA_ARGS__

#define BEAMLINE_FE_TOO_MANY_(...) BEAMLINE_FOR_EACH_takes_at_most_24_arguments
#define BEAMLINE_FE_0(call, m, sep, ...)
#define BEAMLINE_FE_1(call, m, sep, x) call(m, x)
#define BEAMLINE_FE_2(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_1(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_3(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_2(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_4(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_3(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_5(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_4(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_6(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_5(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_7(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_6(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_8(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_7(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_9(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_8(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_10(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_9(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_11(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_10(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_12(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_11(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_13(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_12(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_14(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_13(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_15(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_14(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_16(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_15(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_17(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_16(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_18(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_17(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_19(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_18(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_20(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_19(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_21(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_20(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_22(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_21(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_23(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_22(call, m, sep, __VA_ARGS__)
#define BEAMLINE_FE_24(call, m, sep, x, ...) call(m, x) sep() BEAMLINE_FE_23(call, m, sep, __VA_ARGS__)
// clang-format on
