#pragma once

#include "base/config/section.hpp"

namespace beamline::config {

// More problems than this are counted, not listed.
inline constexpr std::size_t problems_max = 100;

/// Where configuration comes from. Later sources win: defaults < files in this order < texts <
/// environment < flags.
struct sources {
  std::vector<std::filesystem::path> files{};
  /// TOML held in memory: (name shown in errors, text). For tests and tools.
  std::vector<std::pair<std::string, std::string>> texts{};
  /// The process environment, or the part of it that starts with BEAMLINE_.
  std::map<std::string, std::string> environment{};
  /// `--set key=value`, in the order given: (key path, value).
  std::vector<std::pair<std::string, std::string>> flags{};
};

/// Where one value came from.
struct origin {
  enum class source { defaults, file, environment, flag };
  source from = source::defaults;
  std::string name;  // The file, the variable or the flag's key.
  int line = 0;      // Files only, from 1.
  int column = 0;
  friend bool operator==(const origin&, const origin&) = default;
};

/// "default", "config/dev.toml:12:8", "BEAMLINE_PORT" or "--set web.port".
[[nodiscard]] std::string to_string(const origin& o);

/// Names a section's values in a `loaded`.
template <class T>
struct handle {
  std::size_t index = 0;
};

/// The outcome of `schema::load`: the values of every section, or every problem that was found.
/// A cheap value (shared, immutable); the references it gives live as long as any copy of it.
class loaded {
public:
  [[nodiscard]] bool ok() const { return problems().empty(); }
  explicit operator bool() const { return ok(); }

  /// Every problem, as a line that names the place, the value and what was expected. Empty when ok.
  [[nodiscard]] const std::vector<std::string>& problems() const;
  /// Suspicious but harmless: a BEAMLINE_ variable nobody reads.
  [[nodiscard]] const std::vector<std::string>& warnings() const;

  /// The values of a section. Throws std::logic_error if there were problems or the handle belongs to
  /// another schema.
  template <class T>
  [[nodiscard]] const T& get(handle<T> h) const {
    return *static_cast<const T*>(object(h.index, &detail::type_tag<T>));
  }

  /// Where the value of `web.port`, `log.areas.web` or `cluster.queries[1].dns` came from.
  [[nodiscard]] const origin& origin_of(std::string_view path) const;

  struct state;
  explicit loaded(std::shared_ptr<const state> s) : state_{std::move(s)} {}
  [[nodiscard]] const state& internals() const { return *state_; }

private:
  [[nodiscard]] const void* object(std::size_t index, const void* tag) const;

  std::shared_ptr<const state> state_;
};

/// All sections of the program. Built once by main; `load` may be called from any thread and any number
/// of times.
class schema {
public:
  /// Throws std::logic_error if the section's table is wrong or clashes with one added before.
  template <class T>
  handle<T> add(section<T> s) {
    return {add(std::move(s).take())};
  }

  /// Accepts a section without looking at it: for tools that need only part of a file.
  void ignore(std::string_view section);

  /// Reads files, but nothing else of the machine. Never throws for bad input.
  [[nodiscard]] loaded load(const sources& from) const;

  [[nodiscard]] const std::vector<std::shared_ptr<const section_spec>>& sections() const { return sections_; }
  [[nodiscard]] const std::vector<std::string>& ignored() const { return ignored_; }

private:
  std::size_t add(section_spec s);

  std::vector<std::shared_ptr<const section_spec>> sections_;
  std::vector<std::string> ignored_;
};

/// The table of keys as Markdown: one heading and table per section; "yes" under "reload" marks what a running node
/// takes over. `docs/configuration.md` embeds it.
[[nodiscard]] std::string describe(const schema& s);
/// The same for one section.
[[nodiscard]] std::string describe(const section_spec& s);

/// The effective configuration as TOML with the origin of each value as a comment and secrets shown as
/// "(secret)". Needs `c.ok()`.
[[nodiscard]] std::string dump(const loaded& c);

}  // namespace beamline::config
