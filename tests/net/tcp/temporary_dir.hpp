#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <stdlib.h>

namespace beamline::testing {

/// A folder that goes with the test.
class temporary_dir {
public:
  temporary_dir() {
    auto text = (std::filesystem::temp_directory_path() / "beamline-net-XXXXXX").string();
    if (::mkdtemp(text.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    path_ = text;
  }
  ~temporary_dir() {
    auto ignored = std::error_code{};
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_dir(const temporary_dir&) = delete;
  temporary_dir& operator=(const temporary_dir&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream{path_ / name} << text; }

private:
  std::filesystem::path path_;
};

}  // namespace beamline::testing
