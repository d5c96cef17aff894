#pragma once

#include "apps/event_horizon/content/loader.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <stdlib.h>  // NOLINT: mkdtemp is POSIX.

namespace beamline::test {

/// A content folder of a test, gone with it.
class folder {
public:
  folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "beamline-posts-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    dir_ = pattern;
  }
  ~folder() { std::filesystem::remove_all(dir_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return dir_; }
  void put(const std::filesystem::path& name, std::string_view text) const {
    std::filesystem::create_directories((dir_ / name).parent_path());
    std::ofstream{dir_ / name, std::ios::binary} << text;
  }
  [[nodiscard]] event_horizon::loaded_content load(event_horizon::content_limits l = {}) const {
    auto read = event_horizon::load_folder(dir_, l);
    REQUIRE(read.ok());
    return *std::move(read);
  }

private:
  std::filesystem::path dir_;
};

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

inline int occurrences(std::string_view text, std::string_view part) {
  int n = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    ++n;
  return n;
}

/// All problems, one a line.
inline std::string lines_of(const event_horizon::problem_list& problems) {
  auto out = std::string{};
  for (const auto& p : problems.all())
    out += to_string(p) + "\n";
  return out;
}

/// The beginning of a PNG file of that size; enough to read it.
inline std::string png(int width, int height) {
  auto number = [](int n) {
    return std::string{static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
                       static_cast<char>(n)};
  };
  return std::string{"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16} + number(width) + number(height) + "\x08\x06";
}

}  // namespace beamline::test
