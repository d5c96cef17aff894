#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace beamline::web::live {

/// Whether a template is exactly one HTML element, with nothing outside of it.
///
/// `single` lets the client skip the element while nothing in it changes. Saying it of anything else (two elements,
/// text before the tag) throws in the browser and leaves the page stuck.
enum class root_element : bool { unknown, single };

/// The constant part of a template: n+1 strings around n dynamics.
///
/// Made once, normally as a `static const` beside the render function, and never changed: a rendered tree refers to it
/// by address, so it must outlive every tree. Safe to read from any thread. The JSON text is encoded here, once, and
/// copied into every message that needs it. `parts` are HTML and inserted as they are.
class statics {
public:
  explicit statics(std::vector<std::string> parts, root_element root = root_element::unknown);
  statics(const statics&) = delete;
  statics& operator=(const statics&) = delete;

  [[nodiscard]] const std::vector<std::string>& parts() const noexcept { return parts_; }
  /// How many values go between the parts.
  [[nodiscard]] std::size_t dynamics() const noexcept { return parts_.size() - 1; }
  /// Equal for equal parts and root flag, on every node and in every run.
  [[nodiscard]] std::uint64_t fingerprint() const noexcept { return fingerprint_; }
  [[nodiscard]] bool is_single_root() const noexcept { return root_ == root_element::single; }
  /// The parts as a JSON array: `["<p>","</p>"]`.
  [[nodiscard]] const std::string& json() const noexcept { return json_; }
  /// The first characters of the template, for error messages.
  [[nodiscard]] std::string describe() const;

private:
  std::vector<std::string> parts_;
  std::string json_;
  std::uint64_t fingerprint_;
  root_element root_;
};

}  // namespace beamline::web::live
