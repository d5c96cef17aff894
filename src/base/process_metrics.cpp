#include "base/process_metrics.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

namespace beamline::metrics {

namespace {

namespace fs = std::filesystem;

result<std::string> read_all(const fs::path& file) {
  auto in = std::ifstream{file};
  auto text = std::string{std::istreambuf_iterator<char>{in}, {}};
  if (text.empty())
    return error{errc::io, fmt::format("{} cannot be read", file.string())};
  return text;
}

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, out);
  return parsed.ec == std::errc{} && parsed.ptr == end;
}

/// The fields of /proc/<pid>/stat after the name in parentheses, which may itself hold spaces and parentheses.
/// The first is the third of proc(5), so field n of the manual is at n - 3.
std::vector<std::string> stat_fields(const std::string& stat) {
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos)
    return {};
  auto in = std::istringstream{stat.substr(name_end + 1)};
  return {std::istream_iterator<std::string>{in}, {}};
}

result<void> read_stat(const fs::path& file, process_facts& facts) {
  auto text = read_all(file);
  if (!text)
    return text.error();
  const auto fields = stat_fields(*text);
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  std::uint64_t pages = 0;
  const bool is_good = fields.size() > 21 && read_number(fields[14 - 3], user) && read_number(fields[15 - 3], system)
                    && read_number(fields[20 - 3], facts.threads) && read_number(fields[23 - 3], facts.virtual_bytes)
                    && read_number(fields[24 - 3], pages);
  if (!is_good)
    return error{errc::invalid, fmt::format("{} is not as proc(5) describes it", file.string())};
  facts.cpu_seconds = static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  facts.resident_bytes = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return {};
}

result<void> read_limits(const fs::path& file, process_facts& facts) {
  auto text = read_all(file);
  if (!text)
    return text.error();
  constexpr std::string_view title = "Max open files";
  const auto at = text->find(title);
  auto soft = std::string{};
  if (at != std::string::npos)
    std::istringstream{text->substr(at + title.size())} >> soft;
  if (soft != "unlimited" && !read_number(soft, facts.fds_max))
    return error{errc::invalid, fmt::format("{} is not as proc(5) describes it", file.string())};
  return {};
}

}  // namespace

result<process_facts> read_process_facts(const fs::path& proc) {
  auto facts = process_facts{};
  if (auto done = read_stat(proc / "stat", facts); !done)
    return done.error();
  if (auto done = read_limits(proc / "limits", facts); !done)
    return done.error();
  auto ec = std::error_code{};
  for (auto it = fs::directory_iterator{proc / "fd", ec}; !ec && it != fs::directory_iterator{}; it.increment(ec))
    ++facts.open_fds;
  if (ec)
    return error{errc::io, fmt::format("{} cannot be listed ({})", (proc / "fd").string(), ec.message())};
  return facts;
}

registry::collector collect_process(registry& r) {
  return r.collect([](samples& out) {
    auto facts = read_process_facts();
    if (!facts)
      throw std::runtime_error{facts.error().message};  // The registry counts it.
    const auto as_double = [](std::uint64_t n) { return static_cast<double>(n); };
    out.gauge("process_resident_memory_bytes", "Memory in use, resident", as_double(facts->resident_bytes));
    out.gauge("process_virtual_memory_bytes", "Address space in use", as_double(facts->virtual_bytes));
    out.counter("process_cpu_seconds_total", "Processor time, user and system", facts->cpu_seconds);
    out.gauge("process_threads", "Threads", as_double(facts->threads));
    out.gauge("process_open_fds", "Open file descriptors", as_double(facts->open_fds));
    if (facts->fds_max > 0)
      out.gauge("process_max_fds", "Most file descriptors that may be open", as_double(facts->fds_max));
  });
}

}  // namespace beamline::metrics
