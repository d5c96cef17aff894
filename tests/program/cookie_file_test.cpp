#include "program/cookie_file.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace beamline::program {

namespace {

namespace fs = std::filesystem;

/// A folder that is gone afterwards.
class scratch {
public:
  scratch() {
    auto pattern = (fs::temp_directory_path() / "beamline-cookie-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
  }
  ~scratch() { fs::remove_all(root_); }

  fs::path file(const std::string& name, const std::string& content, ::mode_t mode = 0600) const {
    auto path = root_ / name;
    std::ofstream{path, std::ios::binary} << content;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  }
  [[nodiscard]] fs::path operator/(const char* name) const { return root_ / name; }
  [[nodiscard]] const fs::path& root() const { return root_; }

private:
  fs::path root_;
};

errc code_of(const result<std::string>& r) {
  REQUIRE_FALSE(r.ok());
  return r.error().code;
}

}  // namespace

TEST_CASE("a cookie is read from a closed file, without the white space around it") {
  scratch here;
  CHECK(read_cookie_file(here.file("c", "0123456789abcdef\n")).value() == "0123456789abcdef");
  CHECK(read_cookie_file(here.file("d", " two words \r\n", 0400)).value() == "two words");
}

TEST_CASE("a file that others can get at is refused, and the answer says how to close it") {
  scratch here;
  for (::mode_t mode : {0640, 0604, 0660, 0644, 0610, 0666}) {
    auto path = here.file("c", "cookie", mode);
    auto read = read_cookie_file(path);
    CHECK(code_of(read) == errc::denied);
    CHECK(read.error().message.find("chmod 600 " + path.string()) != std::string::npos);
    CHECK(read.error().message.find("cookie file " + path.string() + " has mode 0") == 0);
  }
}

TEST_CASE("in the service manager's folder mode does not count, elsewhere and below it does") {
  scratch here;
  fs::create_directory(here / "credentials");
  auto path = here.file("credentials/cookie", "from the service manager\n", 0644);
  CHECK(read_cookie_file(path, here / "credentials").ok());
  CHECK(code_of(read_cookie_file(path, here / "other")) == errc::denied);
  CHECK(code_of(read_cookie_file(path, here.root())) == errc::denied);
  CHECK(code_of(read_cookie_file(here.file("out", "x", 0644), here / "credentials")) == errc::denied);
  fs::create_symlink(here / "out", here / "credentials/link");
  CHECK(code_of(read_cookie_file(here / "credentials/link", here / "credentials")) == errc::denied);
}

TEST_CASE("only a regular file of one line counts") {
  scratch here;
  CHECK(code_of(read_cookie_file(here / "none")) == errc::not_found);
  CHECK(code_of(read_cookie_file(here.root())) == errc::invalid);
  REQUIRE(::mkfifo((here / "fifo").c_str(), 0600) == 0);
  CHECK(code_of(read_cookie_file(here / "fifo")) == errc::invalid);  // And does not wait for a writer.
  CHECK(code_of(read_cookie_file(here.file("a", ""))) == errc::invalid);
  CHECK(code_of(read_cookie_file(here.file("b", " \n\n"))) == errc::invalid);
  CHECK(code_of(read_cookie_file(here.file("c", "one\ntwo\n"))) == errc::invalid);
  CHECK(code_of(read_cookie_file(here.file("d", std::string("nul\0l", 5)))) == errc::invalid);
  CHECK(code_of(read_cookie_file(here.file("e", std::string(4097, 'x')))) == errc::too_large);
  CHECK(read_cookie_file(here.file("f", std::string(4096, 'x'))).ok());
}

TEST_CASE("a link is followed, and what it leads to is checked") {
  scratch here;
  fs::create_symlink(here.file("closed", "cookie"), here / "to-closed");
  fs::create_symlink(here.file("open", "cookie", 0644), here / "to-open");
  CHECK(read_cookie_file(here / "to-closed").ok());
  CHECK(code_of(read_cookie_file(here / "to-open")) == errc::denied);
}

TEST_CASE("no message about a cookie file shows what is in it") {
  scratch here;
  for (const auto& path : {here.file("a", "topsecret", 0644), here.file("b", "topsecret\nx")})
    CHECK(read_cookie_file(path).error().message.find("topsecret") == std::string::npos);
}

TEST_CASE("a cookie file is made closed, and never over another one") {
  scratch here;
  auto path = here / "cookie";
  REQUIRE(write_cookie_file(path, "fresh").ok());
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0600);
  CHECK(read_cookie_file(path).value() == "fresh");
  auto again = write_cookie_file(path, "other");
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == errc::exists);
  CHECK(read_cookie_file(path).value() == "fresh");
  CHECK(write_cookie_file(here / "no/such/folder", "x").error().code == errc::not_found);
}

}  // namespace beamline::program
