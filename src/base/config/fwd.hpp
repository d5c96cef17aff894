#pragma once

namespace beamline::config {

class loaded;
class schema;
template <class T>
class section;
template <class T>
struct handle;

}  // namespace beamline::config
