#pragma once

#include "base/config/field.hpp"
#include "base/config/key.hpp"

#include <filesystem>
#include <type_traits>

namespace beamline::config {

/// The table of keys of one area, written beside its options struct. `T` is the struct; its default
/// member values are the defaults of the configuration.
///
///     return config::section<web_options>{"web", "HTTP and WebSocket listener"}
///       .key("port", &web_options::port, "TCP port browsers connect to", config::range{1, 65535})
///       .key("idle_timeout", &web_options::idle_timeout, "…", config::range{1s, 1h});
///
/// Fields may be bool, integers, floating point, std::string, std::filesystem::path, `duration`,
/// `byte_size`, std::vector<std::string>, std::map<std::string, std::string>, an enum or a map to an
/// enum (with `names`), and a vector of structs (with `tables`). A mistake in the table (a range that
/// does not suit the type, a default out of range) throws std::logic_error from `schema::add`.
template <class T>
class section {
public:
  section(std::string_view name, std::string_view help) {
    spec_.name = name;
    spec_.help = help;
    spec_.tag = &detail::type_tag<T>;
    spec_.make = [] { return std::make_shared<T>(); };
  }

  template <class U, class... Options>
  section&& key(std::string_view name, U T::*member, std::string_view help, const Options&... options) && {
    using traits = detail::field<U>;
    key_spec k = start(name, help, traits::type);
    if constexpr (requires { traits::natural(); })
      k.natural = k.limits = traits::natural();
    k.read = [member](const void* object) -> value {
      return static_cast<typename traits::wire>(static_cast<const T*>(object)->*member);
    };
    k.write = [member](void* object, const value& v) {
      static_cast<T*>(object)->*member = static_cast<U>(std::get<typename traits::wire>(v));
    };
    return finish(std::move(k), options...);
  }

  template <class... Options>
  section&& key(std::string_view name, std::filesystem::path T::*member, std::string_view help,
                const Options&... options) && {
    key_spec k = start(name, help, kind::path);
    k.read = [member](const void* object) -> value { return (static_cast<const T*>(object)->*member).string(); };
    k.write = [member](void* object, const value& v) { static_cast<T*>(object)->*member = std::get<std::string>(v); };
    return finish(std::move(k), options...);
  }

  /// An enum, spelled by `spelling`.
  template <class E, class... Options>
    requires std::is_enum_v<E> section && key(std::string_view name, E T::*member, std::string_view help,
                                              const names<E>& spelling, const Options&... options) && {
      key_spec k = start(name, help, kind::text);
      for (const auto& [e, word] : spelling.all)
        k.words.emplace_back(word);
      k.read = [member, spelling](const void* object) -> value {
        return detail::name_of(spelling, static_cast<const T*>(object)->*member);
      };
      k.write = [member, spelling](void* object, const value& v) {
        static_cast<T*>(object)->*member = detail::named(spelling, std::get<std::string>(v));
      };
      return finish(std::move(k), options...);
    }

    /// A table from free names to an enum, such as `[log.areas]`.
    template <class E, class... Options>
      requires std::is_enum_v<E> section && key(std::string_view name, std::map<std::string, E> T::*member,
                                                std::string_view help, const names<E>& spelling,
                                                const Options&... options) && {
        key_spec k = start(name, help, kind::map);
        for (const auto& [e, word] : spelling.all)
          k.words.emplace_back(word);
        k.read = [member, spelling](const void* object) -> value {
          text_map all;
          for (const auto& [word, e] : static_cast<const T*>(object)->*member)
            all.emplace(word, detail::name_of(spelling, e));
          return all;
        };
        k.write = [member, spelling](void* object, const value& v) {
          auto& out = static_cast<T*>(object)->*member;
          out.clear();
          for (const auto& [word, text] : std::get<text_map>(v))
            out.emplace(word, detail::named(spelling, text));
        };
        return finish(std::move(k), options...);
      }

      /// A list of tables, such as `[[cluster.queries]]`; `entry` describes one of them (its own name is
      /// not used). The list of a later file replaces that of an earlier one.
      template <class U, class... Options>
      section&& tables(std::string_view name, std::vector<U> T::*member, std::string_view help, section<U> entry,
                       const Options&... options) && {
        key_spec k = start(name, help, kind::tables);
        k.entry = std::make_shared<const section_spec>(std::move(entry).take());
        k.clear = [member](void* object) { (static_cast<T*>(object)->*member).clear(); };
        k.append = [member](void* object) -> void* { return &(static_cast<T*>(object)->*member).emplace_back(); };
        k.entries = [member](const void* object) {
          std::vector<const void*> all;
          for (const U& one : static_cast<const T*>(object)->*member)
            all.push_back(&one);
          return all;
        };
        return finish(std::move(k), options...);
      }

      /// A rule between keys, run when every key of the section is good by itself.
      section&& check(std::function<std::optional<complaint>(const T&)> rule) && {
        spec_.checks.push_back(
            [rule = std::move(rule)](const void* object) { return rule(*static_cast<const T*>(object)); });
        return std::move(*this);
      }

      [[nodiscard]] section_spec take() && { return std::move(spec_); }

    private:
      static key_spec start(std::string_view name, std::string_view help, kind type) {
        key_spec k;
        k.name = name;
        k.help = help;
        k.type = type;
        return k;
      }

      template <class... Options>
      section&& finish(key_spec k, const Options&... options) {
        (apply(k, options), ...);
        spec_.keys.push_back(std::move(k));
        return std::move(*this);
      }

      section_spec spec_;
};

}  // namespace beamline::config
