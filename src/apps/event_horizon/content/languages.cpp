#include "apps/event_horizon/content/languages.hpp"

#include <algorithm>
#include <array>

namespace beamline::event_horizon {

namespace {

using words = std::string_view;

constexpr auto cpp_keywords = std::to_array<words>(
    {"alignas",       "alignof",  "and",       "asm",      "auto",     "break",  "case",      "catch",
     "class",         "co_await", "co_return", "co_yield", "concept",  "const",  "consteval", "constexpr",
     "constinit",     "continue", "decltype",  "default",  "delete",   "do",     "else",      "enum",
     "explicit",      "export",   "extern",    "final",    "for",      "friend", "goto",      "if",
     "inline",        "mutable",  "namespace", "new",      "noexcept", "not",    "operator",  "or",
     "override",      "private",  "protected", "public",   "requires", "return", "sizeof",    "static",
     "static_assert", "struct",   "switch",    "template", "this",     "throw",  "try",       "typedef",
     "typename",      "union",    "using",     "virtual",  "volatile", "while"});
constexpr auto cpp_types =
    std::to_array<words>({"bool",     "char",    "double",   "float",       "int",      "long",   "short", "signed",
                          "size_t",   "std",     "string",   "string_view", "unsigned", "vector", "void",  "int64_t",
                          "uint64_t", "int32_t", "uint32_t", "uint8_t",     "optional", "map"});
constexpr auto cpp_constants = std::to_array<words>({"true", "false", "nullptr", "NULL"});

constexpr auto js_keywords = std::to_array<words>(
    {"as",       "async",    "await",  "break",  "case",   "catch",      "class",     "const",   "continue",
     "debugger", "default",  "delete", "do",     "else",   "export",     "extends",   "finally", "for",
     "from",     "function", "if",     "import", "in",     "instanceof", "interface", "let",     "new",
     "of",       "return",   "static", "super",  "switch", "this",       "throw",     "try",     "type",
     "typeof",   "var",      "void",   "while",  "yield"});
constexpr auto js_types = std::to_array<words>({"Array", "Date", "Error", "JSON", "Map", "Math", "Number", "Object",
                                                "Promise", "RegExp", "Set", "String", "console", "document", "window"});
constexpr auto js_constants = std::to_array<words>({"true", "false", "null", "undefined", "NaN", "Infinity"});
constexpr auto json_constants = std::to_array<words>({"true", "false", "null"});

constexpr auto erlang_keywords =
    std::to_array<words>({"after",  "and",     "andalso", "band", "begin", "bnot",  "bor",    "case", "catch", "div",
                          "else",   "end",     "export",  "fun",  "if",    "maybe", "module", "not",  "of",    "or",
                          "orelse", "receive", "record",  "rem",  "spec",  "try",   "when",   "xor"});
constexpr auto elixir_keywords = std::to_array<words>(
    {"after",     "alias",  "and",         "case",      "catch",   "cond",  "def",   "defimpl", "defmacro",
     "defmodule", "defp",   "defprotocol", "defstruct", "do",      "else",  "end",   "fn",      "for",
     "if",        "import", "in",          "not",       "or",      "quote", "raise", "receive", "require",
     "rescue",    "throw",  "try",         "unless",    "unquote", "use",   "when",  "with"});
constexpr auto elixir_constants = std::to_array<words>({"true", "false", "nil"});
constexpr auto erlang_constants = std::to_array<words>({"true", "false", "undefined", "ok", "error"});

constexpr auto bash_keywords = std::to_array<words>(
    {"case",  "do",       "done",   "elif",   "else", "esac",  "export", "fi",   "for",  "function", "if",    "in",
     "local", "readonly", "return", "select", "set",  "shift", "source", "then", "trap", "unset",    "until", "while"});
constexpr auto bash_types =
    std::to_array<words>({"apt-get", "awk",    "cat", "cd",   "chmod", "cmake", "cp",   "curl",      "docker", "echo",
                          "exit",    "find",   "git", "grep", "kill",  "ln",    "ls",   "make",      "mkdir",  "mv",
                          "npm",     "printf", "pwd", "rm",   "sed",   "ssh",   "sudo", "systemctl", "tar"});

constexpr auto python_keywords =
    std::to_array<words>({"and",    "as",     "assert", "async",  "await",   "break",    "class", "continue", "def",
                          "del",    "elif",   "else",   "except", "finally", "for",      "from",  "global",   "if",
                          "import", "in",     "is",     "lambda", "match",   "nonlocal", "not",   "or",       "pass",
                          "raise",  "return", "try",    "while",  "with",    "yield",    "case"});
constexpr auto python_types = std::to_array<words>({"bool", "bytes", "dict", "float", "int", "len", "list", "object",
                                                    "open", "print", "range", "self", "set", "str", "super", "tuple"});
constexpr auto python_constants = std::to_array<words>({"True", "False", "None"});

constexpr auto sql_keywords = std::to_array<words>(
    {"add",         "all",       "alter",    "and",      "as",       "asc",        "begin",  "between",   "by",
     "cascade",     "case",      "check",    "commit",   "conflict", "constraint", "create", "cross",     "default",
     "delete",      "desc",      "distinct", "do",       "drop",     "else",       "end",    "exists",    "explain",
     "foreign",     "from",      "full",     "group",    "having",   "if",         "in",     "index",     "inner",
     "insert",      "into",      "is",       "join",     "key",      "left",       "like",   "limit",     "not",
     "nothing",     "offset",    "on",       "or",       "order",    "outer",      "over",   "partition", "primary",
     "references",  "returning", "right",    "rollback", "select",   "set",        "table",  "then",      "to",
     "transaction", "trigger",   "union",    "unique",   "update",   "using",      "values", "view",      "when",
     "where",       "with"});
constexpr auto sql_types = std::to_array<words>(
    {"avg", "bigint", "blob",    "boolean", "count",  "date", "int",  "integer",   "json",        "jsonb", "max",
     "min", "now",    "numeric", "real",    "serial", "sum",  "text", "timestamp", "timestamptz", "uuid",  "varchar"});
constexpr auto sql_constants = std::to_array<words>({"true", "false", "null"});
constexpr auto yaml_constants = std::to_array<words>({"true", "false", "null", "yes", "no", "on", "off"});

constexpr auto languages = std::to_array<code_language>({
    {.name = "cpp",
     .line_comment = "//",
     .block_begin = "/*",
     .block_end = "*/",
     .keywords = cpp_keywords,
     .types = cpp_types,
     .constants = cpp_constants,
     .has_directives = true},
    {.name = "js",
     .line_comment = "//",
     .block_begin = "/*",
     .block_end = "*/",
     .quotes = "\"'`",
     .lines_quotes = "`",
     .word_extra = "_$",
     .keywords = js_keywords,
     .types = js_types,
     .constants = js_constants},
    {.name = "json", .line_comment = "//", .quotes = "\"", .constants = json_constants, .has_keys = true},
    {.name = "erlang",
     .line_comment = "%",
     .lines_quotes = "\"",
     .word_extra = "_@",
     .keywords = erlang_keywords,
     .constants = erlang_constants,
     .has_capital_types = true},
    {.name = "elixir",
     .line_comment = "#",
     .long_quotes = "\"'",
     .word_extra = "_?!",
     .keywords = elixir_keywords,
     .constants = elixir_constants,
     .has_atoms = true,
     .has_capital_types = true},
    {.name = "bash",
     .line_comment = "#",
     .lines_quotes = "\"'",
     .word_extra = "_-",
     .keywords = bash_keywords,
     .types = bash_types},
    {.name = "python",
     .line_comment = "#",
     .long_quotes = "\"'",
     .keywords = python_keywords,
     .types = python_types,
     .constants = python_constants},
    {.name = "sql",
     .line_comment = "--",
     .block_begin = "/*",
     .block_end = "*/",
     .lines_quotes = "'",
     .keywords = sql_keywords,
     .types = sql_types,
     .constants = sql_constants,
     .ignores_case = true},
    {.name = "html", .how = scanner::markup},
    {.name = "css", .how = scanner::style_sheet, .block_begin = "/*", .block_end = "*/", .word_extra = "_-"},
    {.name = "toml",
     .line_comment = "#",
     .long_quotes = "\"'",
     .word_extra = "_-.",
     .constants = yaml_constants,
     .has_keys = true},
    {.name = "yaml", .line_comment = "#", .word_extra = "_-.", .constants = yaml_constants, .has_keys = true},
    {.name = "diff", .how = scanner::diff},
});

struct other_name {
  words from;
  words to;
};
constexpr auto other_names = std::to_array<other_name>({
    {"c", "cpp"},         {"c++", "cpp"},        {"cc", "cpp"},       {"cxx", "cpp"},    {"h", "cpp"},
    {"hpp", "cpp"},       {"java", "cpp"},       {"erl", "erlang"},   {"ex", "elixir"},  {"exs", "elixir"},
    {"javascript", "js"}, {"jsx", "js"},         {"mjs", "js"},       {"node", "js"},    {"ts", "js"},
    {"tsx", "js"},        {"typescript", "js"},  {"json5", "json"},   {"jsonc", "json"}, {"sh", "bash"},
    {"shell", "bash"},    {"zsh", "bash"},       {"console", "bash"}, {"py", "python"},  {"python3", "python"},
    {"psql", "sql"},      {"postgresql", "sql"}, {"sqlite", "sql"},   {"heex", "html"},  {"svg", "html"},
    {"vue", "html"},      {"xml", "html"},       {"scss", "css"},     {"less", "css"},   {"ini", "toml"},
    {"conf", "toml"},     {"yml", "yaml"},       {"patch", "diff"},
});

}  // namespace

const code_language* find_language(std::string_view name) {
  const auto* other = std::ranges::find(other_names, name, &other_name::from);
  if (other != other_names.end())
    name = other->to;
  const auto* found = std::ranges::find(languages, name, &code_language::name);
  return found == languages.end() ? nullptr : found;
}

}  // namespace beamline::event_horizon
