#include "program/recovery_file.hpp"

#include "program/outbox_command.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

using namespace beamline;
using namespace beamline::program;

namespace {

namespace fs = std::filesystem;

class scratch {
public:
  scratch() {
    auto pattern = (fs::temp_directory_path() / "beamline-recovery-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
  }
  ~scratch() { fs::remove_all(root_); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  [[nodiscard]] fs::path operator/(const char* name) const { return root_ / name; }

private:
  fs::path root_;
};

result<void> append(recovery_file& f, std::string lines) {
  result<void> out{error{errc::cancelled, "not called"}};
  f.append(std::move(lines), [&](const result<void>& r) { out = r; });
  return out;
}

result<std::string> read(recovery_file& f, const fs::path& file) {
  result<std::string> out{error{errc::cancelled, "not called"}};
  f.read(file, [&](const result<std::string>& r) { out = r; });
  return out;
}

const auto here_and_now = std::make_shared<supervision::inline_executor>();

}  // namespace

TEST_CASE("a recovery file is made when it is needed, closed to others, and only grows") {
  scratch here;
  recovery_file f{here / "r.jsonl", here_and_now};
  CHECK_FALSE(fs::exists(here / "r.jsonl"));
  CHECK(append(f, "one\n").ok());
  CHECK(append(f, "two\nthree\n").ok());
  CHECK(read(f, here / "r.jsonl").value() == "one\ntwo\nthree\n");
  struct stat facts {};
  REQUIRE(::stat((here / "r.jsonl").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("a recovery file that cannot be written or read is named, with the reason") {
  scratch here;
  recovery_file f{here / "missing" / "r.jsonl", here_and_now};
  auto wrong = append(f, "one\n");
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().code == errc::not_found);
  CHECK(wrong.error().message.find("r.jsonl") != std::string::npos);
  CHECK(read(f, here / "nothing").error().code == errc::not_found);
  recovery_file full{"/dev/full", here_and_now};
  CHECK(append(full, "one\n").error().code == errc::io);
}

TEST_CASE("`beamline outbox import` names the file as the node can find it") {
  control::remote_arguments asked;
  asked.node = "a";
  auto out = outbox_import("some/file.jsonl", asked);
  CHECK(out.node == "a");
  CHECK(out.verb == "outbox");
  REQUIRE(out.words.size() == 2);
  CHECK(out.words[0] == "import");
  CHECK(fs::path{out.words[1]}.is_absolute());
  CHECK(fs::path{out.words[1]}.filename() == "file.jsonl");
}
