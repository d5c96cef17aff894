#include "web/template/compiler.hpp"
#include "web/template/formatter.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The program beamline_heex: the template compiler and formatter for build files, scripts and editors.

namespace {

using namespace beamline::web::heex;

constexpr std::string_view usage = R"(usage:
  beamline_heex compile FILE --header OUT --source OUT [--include NAME] [--name NAME]
  beamline_heex format [--check] FILE...

compile   makes C++ of a template
  --header, --source   what is written; a file that would not change is left alone
  --include            how the source includes the header (default: the header's file name)
  --name               how the template is called at run time (default: FILE)
format    puts templates into their usual form; FILE may be - for standard input to standard output
  --check              writes nothing; names the files that are not in that form, and ends with 1 if there are any

Ends with 0 if all went well, 1 if a template is wrong, 2 if the command line or a file is.
)";

constexpr int wrong_template = 1;
constexpr int wrong_use = 2;

int misused(std::string_view what) {
  std::cerr << "beamline_heex: " << what << "\n" << usage;
  return wrong_use;
}

int unusable(const std::string& file, std::string_view what) {
  std::cerr << "beamline_heex: " << file << " cannot be " << what << "\n";
  return wrong_use;
}

std::optional<std::string> read(const std::string& path) {
  if (path == "-")
    return std::string{std::istreambuf_iterator<char>{std::cin}, {}};
  auto in = std::ifstream{path, std::ios::binary};
  if (!in || std::filesystem::is_directory(path))
    return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

/// A file that has this content already keeps its time, so what depends on it is not built again.
bool write(const std::string& path, const std::string& content) {
  if (std::filesystem::exists(path) && read(path) == content)
    return true;
  auto out = std::ofstream{path, std::ios::binary};
  out << content;
  return static_cast<bool>(out.flush());
}

int compile_file(const std::vector<std::string>& words) {
  auto file = std::string{};
  auto options = std::map<std::string, std::string, std::less<>>{
      {"--header", ""}, {"--source", ""}, {"--include", ""}, {"--name", ""}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) {
      if (!file.empty())
        return misused("compile takes one file, but got " + file + " and " + words[i]);
      file = words[i];
    } else if (!options.contains(words[i]) || i + 1 == words.size())
      return misused(options.contains(words[i]) ? words[i] + " needs a value" : "unknown option " + words[i]);
    else {
      options[words[i]] = words[i + 1];
      ++i;
    }
  }
  const auto& header = options["--header"];
  const auto& target = options["--source"];
  if (file.empty() || header.empty() || target.empty())
    return misused("compile needs a file, --header and --source");
  auto text = read(file);
  if (!text)
    return unusable(file, "read");
  const auto from = source{file, *std::move(text)};
  auto out = diagnostics{from};
  auto how = compile_options{options["--include"], options["--name"], file, target};
  if (how.header_include.empty())
    how.header_include = std::filesystem::path{header}.filename().string();
  if (how.name.empty())
    how.name = file;
  const auto made = compile(from, how, out);
  std::cerr << out.text();
  if (!made)
    return wrong_template;
  if (!write(header, made->header))
    return unusable(header, "written");
  if (!write(target, made->source))
    return unusable(target, "written");
  return 0;
}

int format_files(const std::vector<std::string>& words) {
  auto is_check = false;
  auto files = std::vector<std::string>{};
  for (const auto& w : words) {
    if (w == "--check")
      is_check = true;
    else if (w.starts_with("--"))
      return misused("unknown option " + w);
    else
      files.push_back(w);
  }
  if (files.empty())
    return misused("format needs a file");
  auto status = 0;
  for (const auto& file : files) {
    auto text = read(file);
    if (!text)
      return unusable(file, "read");
    const auto from = source{file, *std::move(text)};
    auto out = diagnostics{from};
    const auto formatted = format(from, out);
    if (!formatted) {
      std::cerr << out.text();
      status = wrong_template;
    } else if (is_check) {
      if (*formatted == from.text())
        continue;
      std::cerr << file << ": not formatted; run: beamline_heex format " << file << "\n";
      status = wrong_template;
    } else if (file == "-")
      std::cout << *formatted;
    else if (!write(file, *formatted))
      return unusable(file, "written");
  }
  return status;
}

int run(const std::vector<std::string>& words) {
  if (words.empty())
    return misused("what should be done? compile or format");
  if (words[0] == "-h" || words[0] == "--help") {
    std::cout << usage;
    return 0;
  }
  const auto rest = std::vector<std::string>(words.begin() + 1, words.end());
  if (words[0] == "compile")
    return compile_file(rest);
  if (words[0] == "format")
    return format_files(rest);
  return misused("unknown verb " + words[0]);
}

}  // namespace

int main(int count, char** words) {
  try {
    return run({words + 1, words + count});
  } catch (const std::exception& e) {
    std::cerr << "beamline_heex: " << e.what() << "\n";
    return wrong_use;
  }
}
