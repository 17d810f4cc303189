# SPDX-License-Identifier: BSL-1.0
# Conan 2: `conan create cmake/packaging/conan` packages the checkout that this file lies in. Conan itself has not run it yet.
import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy
from conan.tools.layout import basic_layout


class Robagg(ConanFile):
    name = "robagg"
    version = "0.2.0"
    description = "Robust aggregation operators over Eigen views"
    homepage = "https://github.com/robagg/robagg"
    url = "https://github.com/robagg/robagg"
    license = "BSL-1.0"
    topics = ("robust-aggregation", "robust-statistics", "federated-learning", "eigen", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    def layout(self):
        basic_layout(self)

    def export_sources(self):
        checkout = os.path.join(self.recipe_folder, "..", "..", "..")
        copy(self, "LICENSE", checkout, self.export_sources_folder)
        copy(self, "*.hpp", os.path.join(checkout, "include"), os.path.join(self.export_sources_folder, "include"))

    def requirements(self):
        self.requires("eigen/[>=3.4.0 <6]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))

    def package_id(self):
        self.info.clear()

    def package_info(self):
        headers = self.cpp_info.components["headers"]
        headers.set_property("cmake_target_name", "robagg::robagg")
        headers.set_property("pkg_config_name", "robagg")
        headers.requires = ["eigen::eigen"]
        threads = self.cpp_info.components["threads"]
        threads.set_property("cmake_target_name", "robagg::threads")
        threads.requires = ["headers"]
        if self.settings.os in ("Linux", "FreeBSD"):
            threads.system_libs = ["pthread"]
        for component in (headers, threads):
            component.bindirs = []
            component.libdirs = []
