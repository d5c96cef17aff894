#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::event_horizon {

// Elements inside each other; what is deeper loses its tags and keeps its text.
inline constexpr std::size_t nesting_max = 60;
// Attributes of one tag that are looked at; later ones are left out.
inline constexpr std::size_t tag_attributes_max = 32;
// What is longer from its first bracket to its last is no tag but text.
inline constexpr std::size_t tag_bytes_max = 4096;

struct html_attribute {
  std::string name;   // Lower case.
  std::string value;  // With its entities read.
};

/// What the filter asks of whoever renders the text around.
class html_host {
public:
  virtual ~html_host() = default;
  /// The address a link, or what plays sound and films, should have; nothing: none.
  virtual std::optional<std::string> link_for(std::string_view url) = 0;
  /// A picture as HTML, ready to be inserted.
  virtual std::string image_for(const std::vector<html_attribute>& attributes) = 0;
  /// Whether an element may have that id: nobody has it.
  virtual bool claim_id(std::string_view id) = 0;
  /// For people: what was left out, such as `<script>` or `onclick`, and why.
  virtual void left_out(const std::string& what, std::string_view why) = 0;
};

/// Lets through the HTML that posts may have, made anew from what was understood: elements and attributes of a list, in
/// lower case, with quoted and escaped values. Left out are scripts, styles, forms, embedded pages, event handlers, and
/// addresses that are neither http, https, mailto nor of this site. Whatever it is fed, what comes out is balanced
/// within each scope: nothing in a post closes an element of the page around it.
///
/// One per post; not thread-safe. Linear in what it is fed.
class html_filter {
public:
  explicit html_filter(html_host& host) : host_{host} {}

  /// A part of the page begins, in which elements opened before cannot be closed.
  void open_scope();
  /// It ends: appends the ends of what was opened in it and is open still.
  void close_scope(std::string& out);
  /// Appends what may stay of `html`, which may end within an element.
  void feed(std::string_view html, std::string& out);
  /// Inside an element that is left out with all that is in it: text that comes now is left out as well.
  [[nodiscard]] bool is_dropping() const noexcept { return !dropped_.empty(); }

private:
  struct tag {
    std::string name;
    std::vector<html_attribute> attributes;
    bool is_end = false;
    bool is_self_closed = false;  // Written `<name/>`.
    std::size_t octets = 0;       // With its brackets; 0: it is none.
  };

  [[nodiscard]] static tag read_tag(std::string_view html);
  std::size_t skip_declaration(std::string_view html) const;
  void on_tag(const tag& t, std::string& out);
  void start(const tag& t, std::string& out);
  void end(const std::string& name, std::string& out);
  void append_source(const tag& t, std::string& out);
  void start_dropping(const tag& t, std::string& out);
  void append_attributes(const tag& t, const std::string& name, std::string& out);
  [[nodiscard]] bool append_attribute(const html_attribute& a, const std::string& element, std::string& out);

  /// Elements that are open outside of the innermost scope, which nothing in it may touch.
  [[nodiscard]] std::size_t scope_floor() const { return scopes_.empty() ? 0 : scopes_.back(); }

  html_host& host_;
  std::vector<std::string> open_;    // Elements, outermost first.
  std::vector<std::size_t> scopes_;  // How many were open when each scope began.
  std::string dropped_;              // The element whose content is left out; empty: none.
  std::size_t dropped_depth_ = 0;    // Elements of that name inside each other.
  std::size_t dropped_scope_ = 0;    // Where it began: dropping ends with that scope.
};

}  // namespace beamline::event_horizon
