#include "program/cookie_command.hpp"

#include "program/cookie_file.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <sstream>
#include <string>

#include <stdlib.h>  // NOLINT: mkdtemp is POSIX.
#include <sys/wait.h>

namespace beamline::program {

TEST_CASE("`beamline cookie new` prints one line of 54 letters that need no quoting, and nothing else") {
  auto run = [] {
    auto* pipe = ::popen((std::string{BEAMLINE_PROGRAM} + " cookie new 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 256> chunk{};
    std::string text(chunk.data(), std::fread(chunk.data(), 1, chunk.size(), pipe));
    CHECK(::pclose(pipe) == 0);
    return text;
  };
  auto one = run();
  REQUIRE(one.size() == 55);
  CHECK(one.back() == '\n');
  CHECK(one.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_\n")
        == std::string::npos);
  CHECK(one != run());
}

TEST_CASE("`beamline cookie new --file` makes a closed file, says where, and never replaces one") {
  std::string pattern = (std::filesystem::temp_directory_path() / "beamline-cookie-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  std::filesystem::path folder{pattern};
  seeded_random random{7};
  std::ostringstream out;
  std::ostringstream err;
  CHECK(cookie_new(folder / "cookie", random, out, err) == 0);
  CHECK(out.str().empty());
  auto cookie = read_cookie_file(folder / "cookie");
  REQUIRE(cookie.ok());
  CHECK(err.str().find((folder / "cookie").string() + " (mode 0600)") != std::string::npos);
  CHECK(err.str().find(*cookie) == std::string::npos);
  CHECK(cookie_new(folder / "cookie", random, out, err) == 1);
  CHECK(err.str().find("error: cookie file " + (folder / "cookie").string() + " exists already") != std::string::npos);
  CHECK(read_cookie_file(folder / "cookie").value() == *cookie);
  std::filesystem::remove_all(folder);
}

}  // namespace beamline::program
