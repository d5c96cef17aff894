#include "testing/explore/command_line.hpp"

#include "testing/faults/line_text.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace beamline::testing {

const char* const command_line_help =
    "[beamline] options of the simulator:\n"
    " --seed N                   only this seed, with the story of its run\n"
    " --seeds N                  that many seeds instead of what each test says\n"
    " --until TIME               with --seed or --plan: the story up to there, such as 1.203s\n"
    " --plan FILE                that plan instead of those drawn from seeds\n"
    " --lines N                  lines of a story, 60 otherwise\n"
    " --jobs N                   that many threads instead of what each test says\n"
    " --fresh FIRST:COUNT        these seeds besides the fixed ones; also BEAMLINE_FRESH_SEEDS\n";

namespace {

/// What `main` has told about this process.
struct told {
  command_line line;
  std::string program = "the test program";
  std::string test;
  std::optional<std::uint64_t> seed;
};

told& facts() noexcept {
  static told f;
  return f;
}

/// Reads one option after another.
class option_reader {
public:
  explicit option_reader(const std::vector<std::string>& arguments) : arguments_{arguments} {}

  bool read() {
    for (; next_ < arguments_.size(); ++next_)
      if (!read_one(arguments_[next_]))
        return false;
    if (line.until && !line.seed && line.plan_file.empty())
      return fail("--until is for the story of one run: give --seed N or --plan FILE, too");
    if (line.seed && !line.plan_file.empty())
      return fail("--seed and --plan exclude each other: a plan has its seed");
    return true;
  }

  bool read_fresh(std::string_view text, std::string_view from) {
    auto colon = text.find(':');
    if (colon == std::string_view::npos || !detail::read_number(text.substr(0, colon), line.fresh_first)
        || !detail::read_number(text.substr(colon + 1), line.fresh_count)
        || line.fresh_first + line.fresh_count < line.fresh_first)
      return refuse(from, text, "the first seed and how many, such as 20260101:500");
    return true;
  }

  command_line line;
  std::vector<std::string> rest;
  std::string error;

private:
  bool read_one(const std::string& argument) {
    auto equals = argument.find('=');
    auto name = argument.substr(0, equals);
    std::uint64_t n = 0;
    if (name == "--seed" || name == "--seeds" || name == "--lines" || name == "--jobs") {
      auto text = value_of(argument);
      const auto least = name == "--seed" ? 0U : 1U;
      const auto most = name == "--jobs" ? std::uint64_t{jobs_max} : std::numeric_limits<std::uint64_t>::max();
      if (!text || !detail::read_number(*text, n) || n < least || n > most)
        return refuse(name, text,
                      name == "--jobs" ? "a number from 1 to " + std::to_string(jobs_max)
                                       : "a number from " + std::to_string(least));
      if (name == "--seed")
        line.seed = n;
      else if (name == "--seeds")
        line.seeds = n;
      else if (name == "--lines")
        line.lines = static_cast<std::size_t>(n);
      else
        line.jobs = static_cast<unsigned>(n);
    } else if (name == "--until") {
      auto text = value_of(argument);
      duration d{};
      if (!text || !detail::read_duration(*text, d) || d < duration{})
        return refuse(name, text, "a duration since the beginning of the run, such as 1.203s");
      line.until = d;
    } else if (name == "--plan") {
      auto text = value_of(argument);
      if (!text || text->empty())
        return refuse(name, text, "a file with a plan");
      line.plan_file = *text;
    } else if (name == "--fresh") {
      auto text = value_of(argument);
      return read_fresh(text.value_or(""), name);
    } else {
      rest.push_back(argument);
    }
    return true;
  }

  /// After `=`, or the next argument; nothing when there is none.
  std::optional<std::string> value_of(const std::string& argument) {
    if (auto equals = argument.find('='); equals != std::string::npos)
      return argument.substr(equals + 1);
    if (next_ + 1 >= arguments_.size())
      return std::nullopt;
    return arguments_[++next_];
  }

  bool refuse(std::string_view name, const std::optional<std::string_view>& found, const std::string& expected) {
    return fail(std::string{name} + (found && !found->empty() ? " is \"" + std::string{*found} + "\"" : " has no value")
                + ", expected " + expected);
  }
  bool fail(std::string text) {
    error = std::move(text);
    return false;
  }

  const std::vector<std::string>& arguments_;
  std::size_t next_ = 1;
};

std::string relative_path(const std::string& program) {
  namespace fs = std::filesystem;
  std::error_code failed;
  auto path = fs::path{program};
  if (path.is_absolute())
    path = path.lexically_relative(fs::current_path(failed));
  else if (!path.has_parent_path())
    return program;  // Found through the search path; or the shell has to be told where it is, as it was.
  auto text = path.lexically_normal().generic_string();
  return text.find('/') == std::string::npos ? "./" + text : text;
}

/// In double quotes of a shell; and a comma would end a filter of doctest, `?` stands for any character.
std::string quoted_filter(const std::string& name) {
  std::string out = "\"";
  for (char c : name) {
    if (c == ',' || c == '\\')
      c = '?';
    if (c == '"' || c == '$' || c == '`')
      out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

const command_line& the_command_line() noexcept { return facts().line; }

void set_command_line(command_line line) { facts().line = std::move(line); }

const std::string& program_path() noexcept { return facts().program; }

const std::string& current_test() noexcept { return facts().test; }

void set_current_test(std::string name) { facts().test = std::move(name); }

const std::optional<std::uint64_t>& current_seed() noexcept { return facts().seed; }

void set_current_seed(std::optional<std::uint64_t> seed) { facts().seed = seed; }

bool take_command_line(std::vector<std::string>& arguments, const char* fresh_seeds, std::string& error) {
  option_reader reader{arguments};
  auto is_read =
      (fresh_seeds == nullptr || *fresh_seeds == '\0' || reader.read_fresh(fresh_seeds, "BEAMLINE_FRESH_SEEDS"))
      && reader.read();
  if (!is_read) {
    error = std::move(reader.error);
    return false;
  }
  set_command_line(std::move(reader.line));
  if (!arguments.empty()) {
    facts().program = relative_path(arguments.front());
    reader.rest.insert(reader.rest.begin(), arguments.front());
  }
  arguments = std::move(reader.rest);
  return true;
}

std::string replay_command(const std::string& options) {
  auto out = program_path();
  if (!current_test().empty())
    out += " --test-case=" + quoted_filter(current_test());
  return out + " " + options;
}

}  // namespace beamline::testing
