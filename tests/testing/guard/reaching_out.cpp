#include "crimes.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <locale>
#include <random>
#include <thread>

#include <fcntl.h>
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace beamline::testing::probe {

namespace {

constexpr const char* no_path = "/no/such/folder/file";

std::map<std::string, crime> randomness() {
  return {
    {"random", {"std::random_device", [] { (void)std::random_device{}(); }}},
        {"getrandom",
         {"getrandom",
          [] {
            char c = 0;
            (void)::getrandom(&c, 1, 0);
          }}},
        {"getentropy",
         {"getentropy",
          [] {
            char c = 0;
            (void)::getentropy(&c, 1);
          }}},
#if __GLIBC_PREREQ(2, 36)
        {"arc4random", {"arc4random", [] { (void)::arc4random(); }}},
#endif
        {"rand", {"rand", [] { (void)std::rand(); }}},
        {"rand_r",
         {"rand_r",
          [] {
            unsigned seed = 1;
            (void)::rand_r(&seed);
          }}},
        {"random_of_libc", {"random", [] { (void)::random(); }}}, {"drand48", {"drand48", [] { (void)::drand48(); }}},
        {"openssl_random",
         {"RAND_bytes", [] {
            unsigned char c = 0;
            if (OpenSSL_version_num() != 0)  // Something the guard does not define, so that the library is linked.
              (void)RAND_bytes(&c, 1);
          }}},
  };
}

std::map<std::string, crime> files() {
  return {
      {"open", {"open", [] { (void)::open(no_path, O_RDONLY); }}},
      {"openat", {"openat", [] { (void)::openat(AT_FDCWD, no_path, O_RDONLY); }}},
      {"fopen", {"fopen", [] { (void)std::fopen(no_path, "r"); }}},
      {"ifstream", {"fopen64", [] { std::ifstream in{no_path}; }}},
      {"ofstream", {"fopen64", [] { std::ofstream out{no_path}; }}},
      {"tmpfile", {"tmpfile", [] { (void)std::fclose(std::tmpfile()); }}},
      {"exists",
       {"stat",
        [] {
          struct stat about {};
          (void)::stat(no_path, &about);
        }}},
      {"list_folder",
       {"openat",
        [] {
          std::error_code failed;
          (void)std::filesystem::directory_iterator{no_path, failed};
        }}},
      {"make_folder", {"mkdir", [] { (void)::mkdir(no_path, 0700); }}},
      {"unlink", {"unlink", [] { (void)::unlink(no_path); }}},
      {"remove",
       {"remove",
        [] {
          std::error_code failed;
          (void)std::filesystem::remove(no_path, failed);
        }}},
      {"rename",
       {"rename",
        [] {
          std::error_code failed;
          std::filesystem::rename(no_path, no_path, failed);
        }}},
  };
}

std::map<std::string, crime> network() {
  return {
      {"socket", {"socket", [] { (void)::close(::socket(AF_UNIX, SOCK_STREAM, 0)); }}},
      {"connect", {"connect", [] { (void)::connect(-1, nullptr, 0); }}},
      {"accept", {"accept", [] { (void)::accept(-1, nullptr, nullptr); }}},
      {"recv",
       {"recv",
        [] {
          char c = 0;
          (void)::recv(-1, &c, 1, 0);
        }}},
      {"send", {"send", [] { (void)::send(-1, "", 1, 0); }}},
      // What any process inherits or can make without a forbidden call.
      {"read",
       {"read",
        [] {
          int ends[2];
          char c = 'c';
          if (::pipe(ends) == 0 && ::read(ends[0], &c, 0) == 0) {
            (void)::close(ends[0]);
            (void)::close(ends[1]);
          }
        }}},
      {"write",
       {"write",
        [] {
          int ends[2];
          if (::pipe(ends) == 0 && ::write(ends[1], "c", 1) == 1) {
            (void)::close(ends[0]);
            (void)::close(ends[1]);
          }
        }}},
      {"getaddrinfo",
       {"getaddrinfo",
        [] {
          addrinfo hints{};
          hints.ai_flags = AI_NUMERICHOST;
          addrinfo* found = nullptr;
          if (::getaddrinfo("127.0.0.1", nullptr, &hints, &found) == 0)
            ::freeaddrinfo(found);
        }}},
  };
}

std::map<std::string, crime> machine() {
  return {
      {"fork",
       {"fork",
        [] {
          if (::fork() == 0)
            ::_exit(0);
        }}},
      {"exec",
       {"execv",
        [] {
          char* none[] = {nullptr};
          (void)::execv(no_path, none);
        }}},
      {"system", {"system", [] { (void)!std::system(":"); }}},
      {"popen",
       {"popen",
        [] {
          if (auto* out = ::popen(":", "r"))
            (void)::pclose(out);
        }}},
      {"getenv", {"getenv", [] { (void)std::getenv("HOME"); }}},
      {"locale", {"getenv", [] { (void)std::locale{""}; }}},
      {"cores", {"get_nprocs", [] { (void)std::thread::hardware_concurrency(); }}},
      {"host_name",
       {"gethostname",
        [] {
          char name[256];
          (void)::gethostname(name, sizeof name);
        }}},
      {"uname",
       {"uname",
        [] {
          utsname about{};
          (void)::uname(&about);
        }}},
  };
}

}  // namespace

std::map<std::string, crime> crimes_of_reaching_out() {
  auto all = randomness();
  for (auto& part : {files(), network(), machine()})
    all.insert(part.begin(), part.end());
  return all;
}

}  // namespace beamline::testing::probe
